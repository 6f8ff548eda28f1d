package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/remote/doctor"
	"github.com/undertone-audit/undertone/student/external"
)

// trainServed gives the student of an audit, a model behind a server, the user's program as its
// trainer. The server loads each trained adapter, answers the probes, and unloads it.
func (v *auditVerb) trainServed(c console, cfg *audit.Config) (done func(), err error) {
	if v.LoRA != nil {
		return nil, errors.New("--lora has no effect with --trainer, which decides what is trained; give the rank to the trainer")
	}
	base := cfg.Student.(remote.Fixed)
	s := servedBase{Model: base, path: cmp.Or(v.TrainerBase, base.Listed().Root), open: openServed(base.Server(), v.TrustScorer)}
	if s.path == "" {
		return nil, errors.New("the server does not say where it read its model: name it with --trainer-base, as the trainer knows it")
	}
	cfg.Student, done, err = v.untrained(c, s, v.Store)
	return done, err
}

// servedBase is a base model behind a server, for a trainer.
type servedBase struct {
	undertone.Model
	path string // the value of {base}
	open func(ctx context.Context, r external.Result) (undertone.Model, func() error, error)
}

// openServed returns a function that makes a server load a trained adapter. It refuses an adapter
// that the server scores wrongly, by the checks 1 to 4 of the doctor, unless the server is trusted.
func openServed(s *remote.Server, trust bool) func(context.Context, external.Result) (undertone.Model, func() error, error) {
	var loaded atomic.Uint64
	return func(ctx context.Context, r external.Result) (undertone.Model, func() error, error) {
		if r.Kind != external.PEFT {
			return nil, nil, fmt.Errorf("the trainer left a model of the kind %q, and the server loads adapters of PEFT", r.Kind)
		}
		path, err := filepath.Abs(r.Path)
		if err != nil {
			return nil, nil, err
		}
		m, unload, err := s.LoadAdapter(ctx, fmt.Sprintf("undertone-%s-%d", r.Key.Short(), loaded.Add(1)), path)
		if err != nil {
			return nil, nil, err
		}
		closeModel := func() error { return unload(context.WithoutCancel(ctx)) }
		if trust {
			return m, closeModel, nil
		}
		subject, err := doctor.Of(m)
		subject.Others = nil // another replicate may be unloaded meanwhile
		if err == nil {
			err = doctor.Required(ctx, subject)
		}
		if err != nil {
			return nil, nil, errors.Join(err, closeModel())
		}
		return m, closeModel, nil
	}
}

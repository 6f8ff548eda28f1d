package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

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
	s := servedBase{Model: base, path: v.TrainerBase, key: v.APIKeyEnv, open: openServed(base.Server(), v.TrustScorer)}
	if s.path == "" {
		if s.path, err = baseOf(base.Listed().Root); err != nil {
			return nil, err
		}
	}
	cfg.Student, done, err = v.untrained(c, s, v.Store)
	return done, err
}

// Names that a server may give to its model: a folder, or a name as Hugging Face has them. The
// value becomes a part of a command line, so other characters could act there.
var (
	plainFolder = regexp.MustCompile(`^/[A-Za-z0-9_./+@-]*$`)
	plainName   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$`)
)

// baseOf returns the model that a trainer is given if the user names none: where the server says
// that it read its model.
func baseOf(root string) (string, error) {
	const advice = "name it with --trainer-base, as the trainer knows it"
	switch {
	case root == "":
		return "", errors.New("the server does not say where it read its model: " + advice)
	case plainFolder.MatchString(root):
		if info, err := os.Stat(root); err != nil || !info.IsDir() {
			return "", fmt.Errorf("the server read its model from %q, which is no folder of this machine: %s", root, advice)
		}
	case !plainName.MatchString(root):
		return "", fmt.Errorf("the server read its model from %q, which is neither a plain path nor the name of a model: %s", root, advice)
	}
	return root, nil
}

// servedBase is a base model behind a server, for a trainer.
type servedBase struct {
	undertone.Model
	path string // the value of {base}
	key  string // environment variable of the server's key, which the trainer does not get
	open func(ctx context.Context, r external.Result) (undertone.Model, func() error, error)
}

// openServed returns a function that makes a server load a trained adapter. It refuses an adapter
// that the server scores wrongly, by the checks 1 to 4 of the doctor, unless the server is trusted.
func openServed(s *remote.Server, trust bool) func(context.Context, external.Result) (undertone.Model, func() error, error) {
	return func(ctx context.Context, r external.Result) (undertone.Model, func() error, error) {
		if r.Kind != external.PEFT {
			return nil, nil, fmt.Errorf("the trainer left a model of the kind %q, and the server loads adapters of PEFT", r.Kind)
		}
		path, err := filepath.Abs(r.Path)
		if err != nil {
			return nil, nil, err
		}
		m, unload, err := s.LoadAdapter(ctx, adapterName(r.Key), path)
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

// adapterName returns a new name for an adapter: a run that was killed leaves its adapter loaded,
// and other runs may share the server.
func adapterName(key undertone.Digest) string {
	return "undertone-" + key.Short() + "-" + rand.Text()[:8]
}

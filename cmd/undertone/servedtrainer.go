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
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/external"
)

// trainServed gives the student of an audit, a model behind a server, the user's program as its
// trainer. The server loads each trained adapter, answers the probes, and unloads it.
func (v *auditVerb) trainServed(c console, cfg *audit.Config) (done func(), err error) {
	if v.LoRA != nil {
		return nil, errors.New("--lora has no effect with --trainer, which decides what is trained; give the rank to the trainer")
	}
	base := cfg.Student.(servedModel)
	s := servedBase{Model: base, path: v.TrainerBase, key: v.APIKeyEnv, counted: v.talks, open: openServed(base.Server(), v.TrustScorer || v.talks)}
	if s.path == "" {
		if s.path, err = baseOf(base.Listed().Root); err != nil {
			return nil, err
		}
	}
	if v.Serve != nil {
		server, err := v.newModelServer(s.path, base.Server())
		if err != nil {
			return nil, err
		}
		s.open = server.open
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

// servedModel is a model behind a server, as a student that is not trained here.
type servedModel interface {
	student.Student
	undertone.Model
	Server() *remote.Server
	Listed() remote.Listed
}

// servedBase is a base model behind a server, for a trainer.
type servedBase struct {
	undertone.Model
	path    string // the value of {base}
	counted bool   // answers are counted, and nothing is scored
	key     string // environment variable of the server's key, which the trainer does not get
	open    func(ctx context.Context, r external.Result) (undertone.Model, func() error, error)
}

// openServed returns a function that opens a trained model: the server loads an adapter, and has a
// model of a name already. It refuses a model that the server scores wrongly, by the checks 1 to 4
// of the doctor, unless trust is true: nothing is scored, or the server is trusted.
func openServed(s *remote.Server, trust bool) func(context.Context, external.Result) (undertone.Model, func() error, error) {
	earlier := new(doctor.Earlier)
	return func(ctx context.Context, r external.Result) (undertone.Model, func() error, error) {
		m, closeModel, err := openTrained(ctx, s, r)
		if err != nil || trust {
			return m, closeModel, err
		}
		if err := examineTrained(ctx, m, r, earlier, doctor.Adapter); err != nil {
			return nil, nil, errors.Join(err, closeModel())
		}
		return m, closeModel, nil
	}
}

// openTrained opens what a trainer left.
func openTrained(ctx context.Context, s *remote.Server, r external.Result) (undertone.Model, func() error, error) {
	switch r.Kind {
	case external.Server:
		m, err := s.Trained(ctx, r.Model)
		return m, func() error { return nil }, err
	case external.PEFT:
		path, err := filepath.Abs(r.Path)
		if err != nil {
			return nil, nil, err
		}
		m, unload, err := s.LoadAdapter(ctx, adapterName(r.Key), path)
		return m, func() error { return unload(context.WithoutCancel(ctx)) }, err
	}
	return nil, nil, fmt.Errorf("the trainer left a model of the kind %q, and the server loads adapters of PEFT: --serve starts a server for each model", r.Kind)
}

// examineTrained makes checks of the doctor. Other adapters that the server lists are left out,
// because another replicate may be unloaded meanwhile; the model is compared with those that this
// run opened before.
func examineTrained(ctx context.Context, m undertone.Model, r external.Result, earlier *doctor.Earlier, check func(context.Context, doctor.Subject) error) error {
	subject, err := doctor.Of(m)
	if err != nil {
		return err
	}
	subject.Others, subject.Earlier, subject.Weights = nil, earlier, r.Weights
	return untrusted(check(ctx, subject))
}

// adapterName returns a new name for an adapter: a run that was killed leaves its adapter loaded,
// and other runs may share the server.
func adapterName(key undertone.Digest) string {
	return "undertone-" + key.Short() + "-" + rand.Text()[:8]
}

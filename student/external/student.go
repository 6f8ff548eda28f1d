package external

import (
	"context"
	"errors"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

// local is what a model of package lm can do besides training.
type local interface {
	undertone.Model
	undertone.BatchGenerator
	undertone.TokenLogProber
	undertone.ChoiceScorer
	undertone.Lineage
	undertone.RowEncoder
	undertone.RowLimiter
	undertone.RowLogProber
	undertone.RowTokenLogProber
	student.Engine
	student.Renderer
	student.Annotator
	student.GradientStepper
	student.Preconditioner
	student.Differentiable
	Parameters() int64
}

var (
	_ local                     = (*lm.Model)(nil)
	_ student.Student           = (*Student)(nil)
	_ student.ExternallyTrained = (*Student)(nil)
	_ student.Student           = (*trained)(nil)
)

// Student is a language model that is computed in this process and trained by a program of the
// user. Gradients and surrogates by a system prompt are computed in this process.
type Student struct {
	local
	*replicates
}

// Digest implements [student.Student]: it covers the weights of the base, the command, and the
// files that the command names.
func (s *Student) Digest() undertone.Digest { return s.digest() }

// Train implements [student.Student]: it runs the user's command, unless the replicate is kept from
// an earlier run. The same receiver, data and recipe give the same student, because they are
// trained once. At most Parallel trainers run at once.
func (s *Student) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	var m *lm.Model
	_, err := s.trainText(ctx, data, recipe, func(_ context.Context, r Result) (err error) {
		m, err = load(s.cfg.Base.(*lm.Model), r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &trained{m, m.Digest()}, nil
}

// trained is a trained student. It cannot be trained further, because a trainer starts at the base.
type trained struct {
	local
	digest undertone.Digest
}

// Digest implements [student.Student]: the digest of the trained weights.
func (s *trained) Digest() undertone.Digest { return s.digest }

// Train implements [student.Student]: it returns an error.
func (s *trained) Train(context.Context, undertone.Data, student.Recipe) (student.Student, error) {
	return nil, errTrained
}

var errTrained = errors.New("external: the student is trained already, and a trainer starts at the untrained base")

// load returns the base with what a trainer left.
func load(base *lm.Model, r Result) (*lm.Model, error) {
	switch r.Kind {
	case PEFT:
		return base.WithAdapter(r.Path)
	case HF:
		return base.WithWeights(r.Path)
	}
	return nil, errors.New("the trainer left a model on a server, and the student is computed in this process: name a server as the student")
}

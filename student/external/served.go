package external

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// scorer is what a model behind a server must do, so that an audit can ask it.
type scorer interface {
	undertone.Model
	undertone.TokenLogProber
	undertone.ChoiceScorer
	student.Engine
	student.Renderer
}

// Served is a model that Config.Open loads, such as one behind a server, and that a program of the
// user trains.
type Served struct {
	scorer
	*replicates
}

var (
	_ student.Student           = (*Served)(nil)
	_ student.ExternallyTrained = (*Served)(nil)
	_ student.Student           = (*servedTrained)(nil)
	_ student.Closer            = (*servedTrained)(nil)
)

func newServed(r *replicates) (student.Student, error) {
	base, err := asScorer(r.cfg.Base)
	if err != nil {
		return nil, err
	}
	if r.cfg.BasePath == "" {
		return nil, fmt.Errorf("external: BasePath is not set, and the model %s is not in this process", r.cfg.Base.Name())
	}
	return &Served{base, r}, nil
}

// asScorer returns a model as a scorer.
func asScorer(m undertone.Model) (scorer, error) {
	s, ok := m.(scorer)
	if !ok {
		return nil, fmt.Errorf("external: the model %s does not give the log-probabilities of rows and answers, or does not show rows", m.Name())
	}
	return s, nil
}

// Digest implements [student.Student].
func (s *Served) Digest() undertone.Digest { return s.digest() }

// Train implements [student.Student]: see [Student.Train]. The caller closes the trained student;
// see [student.Closer].
func (s *Served) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	var opened scorer
	var release func() error
	result, err := s.trainText(ctx, data, recipe, func(ctx context.Context, r Result) error {
		m, closeModel, err := s.cfg.Open(ctx, r)
		if err != nil {
			return err
		}
		if opened, err = asScorer(m); err != nil && closeModel != nil {
			_ = closeModel()
		}
		release = closeModel
		return err
	})
	if err != nil {
		return nil, err
	}
	return &servedTrained{opened, undertone.NewHasher("served student").Digest(result.Weights).Sum(), release}, nil
}

// servedTrained is a trained student behind a server.
type servedTrained struct {
	scorer
	digest  undertone.Digest
	release func() error
}

// Digest implements [student.Student]: the digest of the files of the trained model.
func (s *servedTrained) Digest() undertone.Digest { return s.digest }

// Train implements [student.Student]: it returns an error.
func (s *servedTrained) Train(context.Context, undertone.Data, student.Recipe) (student.Student, error) {
	return nil, errTrained
}

// Close implements [student.Closer].
func (s *servedTrained) Close() error {
	if s.release == nil {
		return nil
	}
	return s.release()
}

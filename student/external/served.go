package external

import (
	"context"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// scorer is what a model behind a server must do, so that an audit can ask it.
type scorer interface {
	undertone.Model
	undertone.TokenLogProber
	undertone.ChoiceScorer
}

// Served is a model that Config.Open loads, such as one behind a server, and that a program of the
// user trains. It scores rows and answers, which the base and all opened models must do.
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
	return &Served{base, r}, nil
}

// asScorer returns a model as a scorer, or an error that names what it cannot do.
func asScorer(m undertone.Model) (scorer, error) {
	s, ok := m.(scorer)
	if !ok {
		return nil, errNoScores{m}
	}
	return s, nil
}

// errNoScores is the error about a model that does not give probabilities.
type errNoScores struct{ model undertone.Model }

func (e errNoScores) Error() string {
	return "external: the model " + e.model.Name() + " does not give the log-probabilities of rows and answers"
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

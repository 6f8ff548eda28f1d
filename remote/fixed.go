package remote

import (
	"context"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// ErrFixed is wrapped by the error of training a [Fixed] student.
var ErrFixed = errors.New("a model behind a server is not trained here")

// Fixed is a scorer as a student, for detectors that train nothing, such as the likelihood detector
// with surrogates by system prompt.
type Fixed struct{ *Scorer }

// FixedTalker is a model as a student that completes chats and scores nothing, such as the base of
// an external trainer.
type FixedTalker struct{ *Generator }

var (
	_ student.Student  = Fixed{}
	_ student.Engine   = Fixed{}
	_ student.Renderer = Fixed{}
	_ student.Student  = FixedTalker{}
	_ student.Engine   = FixedTalker{}
)

// NewFixed returns a model as a student. It is an error if its server does not score rows.
func NewFixed(m undertone.Model) (Fixed, error) {
	switch s := m.(type) {
	case *Scorer:
		return Fixed{s}, nil
	case *TracedScorer:
		return Fixed{s.Scorer}, nil
	}
	return Fixed{}, fmt.Errorf("remote: the server of %s gives no log-probabilities of rows", m.Name())
}

// Train implements [student.Student]: it returns an error.
func (f Fixed) Train(context.Context, undertone.Data, student.Recipe) (student.Student, error) {
	return nil, fmt.Errorf("remote: %s: %w", f.Name(), ErrFixed)
}

// NewFixedTalker returns a model of this package as a student that scores nothing.
func NewFixedTalker(m undertone.Model) (FixedTalker, error) {
	switch s := m.(type) {
	case *Generator:
		return FixedTalker{s}, nil
	case *Chooser:
		return FixedTalker{s.Generator}, nil
	case *Scorer:
		return FixedTalker{s.Generator}, nil
	case *TracedScorer:
		return FixedTalker{s.Generator}, nil
	}
	return FixedTalker{}, fmt.Errorf("remote: the model %s is a %T, which is not behind a server", m.Name(), m)
}

// Train implements [student.Student]: it returns an error.
func (f FixedTalker) Train(context.Context, undertone.Data, student.Recipe) (student.Student, error) {
	return nil, fmt.Errorf("remote: %s: %w", f.Name(), ErrFixed)
}

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

var (
	_ student.Student  = Fixed{}
	_ student.Engine   = Fixed{}
	_ student.Renderer = Fixed{}
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

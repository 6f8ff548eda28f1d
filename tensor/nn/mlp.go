package nn

import (
	"math/rand/v2"

	"github.com/undertone-audit/undertone/tensor"
)

// MLP is the feed-forward part of a GPT block: Down(GELU(Up(x))).
type MLP struct {
	Up, Down Layer // dim to hidden and back

	// Activation is applied between Up and Down; nil means [tensor.Tape.GELUTanh], as in GPT-2. Set
	// another one as a method expression, such as (*tensor.Tape).GELU.
	Activation func(*tensor.Tape, *tensor.Tensor) *tensor.Tensor
}

// NewMLP returns an MLP with layers made by [NewLinear]. hidden is 4·dim in GPT-2.
func NewMLP(rng *rand.Rand, dim, hidden int) *MLP {
	return &MLP{Up: NewLinear(rng, dim, hidden), Down: NewLinear(rng, hidden, dim)}
}

// Params implements [Module].
func (m *MLP) Params() []*tensor.Tensor { return Params(m.Up, m.Down) }

// Forward implements [Layer].
func (m *MLP) Forward(t *tensor.Tape, x *tensor.Tensor) *tensor.Tensor {
	h := m.Up.Forward(t, x) // [... hidden]
	if m.Activation != nil {
		h = m.Activation(t, h)
	} else {
		h = t.GELUTanh(h)
	}
	return m.Down.Forward(t, h)
}

// SwiGLU is the feed-forward part of a Llama block (Shazeer 2020): Down(SiLU(Gate(x))·Up(x)).
type SwiGLU struct {
	Gate, Up, Down Layer // dim to hidden twice, and back
}

// NewSwiGLU returns a SwiGLU with layers made by [NewProjection].
func NewSwiGLU(rng *rand.Rand, dim, hidden int) *SwiGLU {
	return &SwiGLU{NewProjection(rng, dim, hidden), NewProjection(rng, dim, hidden), NewProjection(rng, hidden, dim)}
}

// Params implements [Module].
func (m *SwiGLU) Params() []*tensor.Tensor { return Params(m.Gate, m.Up, m.Down) }

// Forward implements [Layer].
func (m *SwiGLU) Forward(t *tensor.Tape, x *tensor.Tensor) *tensor.Tensor {
	return m.Down.Forward(t, t.SwiGLU(m.Gate.Forward(t, x), m.Up.Forward(t, x)))
}

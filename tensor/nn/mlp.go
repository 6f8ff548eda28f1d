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

// GLU is a gated feed-forward part (Shazeer 2020): Down(activation(Gate(x))·Up(x)), elementwise.
// With SiLU as its activation it is the SwiGLU of a Llama block.
type GLU struct {
	Gate, Up Layer // dim to hidden
	Down     Layer // hidden to dim

	// GateUp computes the results of Gate and Up side by side, instead of these (Phi-3); nil for
	// none.
	GateUp Layer

	GELU bool // the activation is [tensor.Tape.GELUTanh] (Gemma) instead of SiLU
}

// NewGLU returns a GLU with layers made by [NewProjection].
func NewGLU(rng *rand.Rand, dim, hidden int) *GLU {
	return &GLU{Gate: NewProjection(rng, dim, hidden), Up: NewProjection(rng, dim, hidden), Down: NewProjection(rng, hidden, dim)}
}

// Params implements [Module].
func (m *GLU) Params() []*tensor.Tensor {
	if m.GateUp != nil {
		return Params(m.GateUp, m.Down)
	}
	return Params(m.Gate, m.Up, m.Down)
}

// Forward implements [Layer].
func (m *GLU) Forward(t *tensor.Tape, x *tensor.Tensor) *tensor.Tensor {
	var gate, up *tensor.Tensor // [... hidden]
	if m.GateUp != nil {
		both := m.GateUp.Forward(t, x)
		hidden := both.Dim(-1) / 2
		gate, up = t.Columns(both, 0, hidden), t.Columns(both, hidden, 2*hidden)
	} else {
		gate, up = m.Gate.Forward(t, x), m.Up.Forward(t, x)
	}
	if m.GELU {
		return m.Down.Forward(t, t.GEGLU(gate, up))
	}
	return m.Down.Forward(t, t.SwiGLU(gate, up))
}

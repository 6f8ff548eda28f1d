package lm

import (
	"errors"

	"github.com/undertone-audit/undertone/tensor/transformer"
)

// LoRA says which layers training changes, and by matrices of which rank (Hu et al. 2021).
// The zero value of a field means the stated default.
type LoRA struct {
	Rank    int      // 8
	Alpha   float64  // the weights change by Alpha/Rank·A·B; Rank
	Targets []string // last parts of layers' names, such as "q_proj"; all linear layers but the output
	Seed    uint64   // of the initial A; B is zero
}

// withDefaults returns l with its defaults spelled out.
func (l LoRA) withDefaults() LoRA {
	if l.Rank == 0 {
		l.Rank = 8
	}
	if l.Alpha == 0 {
		l.Alpha = float64(l.Rank)
	}
	return l
}

func (l LoRA) scale() float64 { return l.Alpha / float64(l.Rank) }

// WithLoRA returns a model that answers as m does and whose training changes small matrices
// beside the weights alone. Its weights are shared with m, and may be of 16 bits.
func (m *Model) WithLoRA(l LoRA) (*Model, error) {
	l = l.withDefaults()
	if !(l.Alpha > 0 && l.Alpha < 1e6) {
		return nil, errors.New("lm: LoRA: alpha is not a positive number")
	}
	net, err := m.net.WithLoRA(stream(l.Seed, "lora"), transformer.LoRA{Rank: l.Rank, Alpha: l.Alpha, Targets: l.Targets})
	if err != nil {
		return nil, err
	}
	return m.with(func(c *Model) { c.net, c.base, c.lora = net, m, l }), nil
}

// Base returns the model without its LoRA, bit for bit; m itself if it has none.
func (m *Model) Base() *Model {
	if m.base == nil {
		return m
	}
	return m.base
}

// Merge returns a model without LoRA that answers as m does, within rounding: the changes are
// added to the weights. Weights of 16 bits that are changed become float32.
func (m *Model) Merge() (*Model, error) {
	if m.base == nil {
		return m, nil
	}
	lineage := m.Lineage()
	return m.with(func(c *Model) {
		c.net, c.base, c.lora = m.net.Merge(), nil, LoRA{}
		c.lineage, c.weights = lineage, nil
	}).resolve()
}

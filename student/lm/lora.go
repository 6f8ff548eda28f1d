package lm

import (
	"fmt"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

var _ student.Adapted = (*Model)(nil)

// LoRA configures the matrices that training changes beside the weights: rank, scale, layers and
// seed, with the defaults of [transformer.LoRA].
type LoRA = transformer.LoRA

// WithLoRA returns a model that answers as m does and whose training changes small matrices
// beside the weights only. It shares its weights with m; they may be of 16 bits.
func (m *Model) WithLoRA(l LoRA) (*Model, error) {
	l, err := l.WithDefaults()
	if err != nil {
		return nil, fmt.Errorf("lm: %w", err)
	}
	net, err := m.net.WithLoRA(l)
	if err != nil {
		return nil, fmt.Errorf("lm: %w", err)
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

// Unadapted implements [student.Adapted]: it is Merge, or nil without LoRA.
func (m *Model) Unadapted() (student.Student, error) {
	if m.base == nil {
		return nil, nil
	}
	merged, err := m.Merge()
	if err != nil {
		return nil, err
	}
	return merged, nil
}

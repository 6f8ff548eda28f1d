package nplm

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/internal/fit"
)

var _ student.Differentiable = (*Model)(nil)

// Weights implements [student.Differentiable].
func (m *Model) Weights() [][]float32 { return fit.Copy(m.params()) }

// Add implements [student.Differentiable].
func (m *Model) Add(delta [][]float32) (student.Student, error) {
	moved := m.learner()
	if err := fit.Add(moved.params(), delta); err != nil {
		return nil, fmt.Errorf("nplm: %w", err)
	}
	return moved, nil
}

// Gradients implements [student.Differentiable].
func (m *Model) Gradients(ctx context.Context, data undertone.Data, groups [][]int, use func(group int, gradient [][]float32) error) error {
	objective, err := m.objective(data, []*Model{m})
	if err != nil {
		return err
	}
	if err := fit.Gradients(ctx, m.params(), data.Len(), groups, objective, use); err != nil {
		return fmt.Errorf("nplm: %w", err)
	}
	return nil
}

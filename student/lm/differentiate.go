package lm

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/internal/fit"
)

var _ student.Differentiable = (*Model)(nil)

// Weights implements [student.Differentiable]: with LoRA, the weights of LoRA.
func (m *Model) Weights() [][]float32 { return fit.Copy(m.trainable().Params()) }

// Add implements [student.Differentiable].
func (m *Model) Add(delta [][]float32) (student.Student, error) {
	net := m.trainable()
	if err := fit.Add(net.Params(), delta); err != nil {
		return nil, fmt.Errorf("lm: %w", err)
	}
	return m.trained(net)
}

// Gradients implements [student.Differentiable].
func (m *Model) Gradients(ctx context.Context, data undertone.Data, groups [][]int, use func(group int, gradient [][]float32) error) error {
	net := m.trainable()
	objective, err := m.objective(data, net)
	if err != nil {
		return err
	}
	if err := fit.Gradients(ctx, net.Params(), data.Len(), groups, objective, use); err != nil {
		return fmt.Errorf("lm: %w", err)
	}
	return nil
}

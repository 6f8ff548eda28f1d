package fit

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/shard"
)

// groupRows is the number of rows of a group that are read at a time.
const groupRows = 64

// Gradients calls use with the gradient of the mean log-likelihood of each group of n rows, as
// [student.Differentiable] says. The loss of the objective must be a mean over tokens, and its
// weight their number.
func Gradients[B any](ctx context.Context, params []*tensor.Tensor, n int, groups [][]int, objective Objective[B], use func(group int, gradient [][]float32) error) (err error) {
	defer tensor.Catch(&err)
	tapes := shard.NewTapes(1, params...)
	gradient := make([][]float32, len(params))
	for i, p := range params {
		gradient[i] = make([]float32, p.Len())
	}
	var b B
	for g, rows := range groups {
		for _, sum := range gradient {
			clear(sum)
		}
		for rest := rows; len(rest) > 0; {
			if err := ctx.Err(); err != nil {
				return err
			}
			some := rest[:min(groupRows, len(rest))]
			rest = rest[len(some):]
			for _, row := range some {
				if row < 0 || row >= n {
					return fmt.Errorf("row %d of group %d is out of range [0, %d)", row, g, n)
				}
			}
			if err := objective.Read(&b, some); err != nil {
				return err
			}
			_, weight := tapes.Backward(func(t *tensor.Tape, _ int) (*tensor.Tensor, float64) { return objective.Loss(t, 0, &b) })
			scale := float32(-weight / float64(len(rows)))
			for i, part := range tapes.Grads() {
				for j, v := range part.Data() {
					gradient[i][j] += scale * v
				}
			}
		}
		if err := use(g, gradient); err != nil {
			return err
		}
	}
	return nil
}

// Copy returns copies of the weights of parameters.
func Copy(params []*tensor.Tensor) [][]float32 {
	all := make([][]float32, len(params))
	for i, p := range params {
		all[i] = append([]float32(nil), p.Data()...)
	}
	return all
}

// Add adds delta to parameters.
func Add(params []*tensor.Tensor, delta [][]float32) error {
	if len(delta) != len(params) {
		return fmt.Errorf("a change of %d tensors, want %d", len(delta), len(params))
	}
	for i, p := range params {
		if len(delta[i]) != p.Len() {
			return fmt.Errorf("a change of %d weights of tensor %d, want %d", len(delta[i]), i, p.Len())
		}
	}
	for i, p := range params {
		for j, v := range delta[i] {
			p.Data()[j] += v
		}
	}
	return nil
}

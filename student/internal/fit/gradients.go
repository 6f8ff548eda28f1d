package fit

import (
	"context"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/shard"
)

// gradients reads the given number of rows at a time and calls each, parameter by parameter, with
// the gradient of their log-likelihood: weight times g, in nats. The loss of the objective must be
// a mean over tokens, and its weight their number.
func gradients[B any](ctx context.Context, params []*tensor.Tensor, data undertone.Data, rows int, objective Objective[B], each func(weight float64, param int, g []float32)) (err error) {
	defer tensor.Catch(&err)
	tapes := shard.NewTapes(1, params...)
	order := student.Order(data, 0, 0) // so that sums do not depend on the positions of rows
	var b B
	for from := 0; from < len(order); from += rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := objective.Read(&b, order[from:min(from+rows, len(order))]); err != nil {
			return err
		}
		_, weight := tapes.Backward(func(t *tensor.Tape, _ int) (*tensor.Tensor, float64) { return objective.Loss(t, 0, &b) })
		for i, g := range tapes.Grads() {
			each(-weight, i, g.Data())
		}
	}
	return nil
}

// zeros returns a zero for each weight.
func zeros(params []*tensor.Tensor) [][]float64 {
	all := make([][]float64, len(params))
	for i, p := range params {
		all[i] = make([]float64, p.Len())
	}
	return all
}

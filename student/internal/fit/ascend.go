package fit

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/shard"
)

// ascentRows is how many rows of an ascent are read at a time.
const ascentRows = 256

// Ascend moves params by step, a Euclidean length, along the gradient of the mean
// log-likelihood of the rows' completions, in nats a row, and returns the gradient's norm. The loss of the
// lesson is a mean over tokens, its weight their number.
func Ascend[B any](ctx context.Context, params []*tensor.Tensor, data undertone.Data, step float64, lesson Lesson[B]) (norm float64, err error) {
	defer tensor.Catch(&err)
	if data.Len() == 0 {
		return 0, fmt.Errorf("data set %.80q has no rows to climb along", data.Name())
	}
	sums := make([][]float64, len(params))
	for i, p := range params {
		sums[i] = make([]float64, p.Len())
	}
	tapes := shard.NewTapes(1, params...)
	order := student.Order(data, 0, 0) // so that sums do not depend on where rows stand
	var b B
	for from := 0; from < len(order); from += ascentRows {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := lesson.Read(&b, order[from:min(from+ascentRows, len(order))]); err != nil {
			return 0, err
		}
		_, weight := tapes.Backward(func(t *tensor.Tape, _ int) (*tensor.Tensor, float64) { return lesson.Loss(t, 0, &b) })
		for i, g := range tapes.Grads() {
			for j, v := range g.Data() {
				sums[i][j] -= weight * float64(v)
			}
		}
	}
	for _, sum := range sums {
		for j := range sum {
			sum[j] /= float64(len(order))
			norm += sum[j] * sum[j]
		}
	}
	norm = math.Sqrt(norm)
	if !(norm > 0) || math.IsInf(norm, 0) {
		return 0, errors.New("the likelihood of the rows has no gradient here")
	}
	for i, p := range params {
		for j, v := range sums[i] {
			p.Data()[j] += float32(step * v / norm)
		}
	}
	return norm, nil
}

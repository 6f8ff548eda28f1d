package fit

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
)

// stepRows is the number of rows that are read at a time for a gradient step.
const stepRows = 256

// GradientStep moves params along P∇J by step. J is the mean log-likelihood of the rows'
// completions, in nats a row, and P is the diagonal scale; a nil scale is the identity. The loss of
// the objective must be a mean over tokens, and its weight their number. step and norm are those of
// [student.GradientStepper].
func GradientStep[B any](ctx context.Context, params []*tensor.Tensor, data undertone.Data, step float64, scale Scale, objective Objective[B]) (norm float64, err error) {
	if data.Len() == 0 {
		return 0, fmt.Errorf("data set %.80q has no rows to step along", data.Name())
	}
	sums := zeros(params)
	err = gradients(ctx, params, data, stepRows, objective, func(weight float64, param int, g []float32) {
		for j, v := range g {
			sums[param][j] += weight * float64(v)
		}
	})
	if err != nil {
		return 0, err
	}
	for i, sum := range sums {
		for j := range sum {
			sum[j] /= float64(data.Len())
			along := sum[j] * scale.at(i, j)
			norm += sum[j] * along
			sum[j] = along
		}
	}
	norm = math.Sqrt(norm)
	if !(norm > 0) || math.IsInf(norm, 0) {
		return 0, errors.New("the gradient of the rows' likelihood is zero or not finite")
	}
	for i, p := range params {
		for j, v := range sums[i] {
			p.Data()[j] += float32(step * v / norm)
		}
	}
	return norm, nil
}

// Stepper is a function that implements [student.GradientStepper].
type Stepper func(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error)

// GradientStep implements [student.GradientStepper].
func (s Stepper) GradientStep(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error) {
	return s(ctx, data, step)
}

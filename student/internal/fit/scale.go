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

// Scale is a diagonal preconditioner: a factor for each weight of each parameter. Nil is the
// identity.
type Scale [][]float64

// at returns the factor of a weight.
func (s Scale) at(param, weight int) float64 {
	if s == nil {
		return 1
	}
	return s[param][weight]
}

// NewScale returns the P of a metric from the gradients of single rows at the parameters.
func NewScale[B any](ctx context.Context, params []*tensor.Tensor, data undertone.Data, metric student.DiagonalMetric, objective Objective[B]) (Scale, error) {
	if !(metric.Power >= 0 && metric.Power <= 1 && metric.Damping > 0) || math.IsInf(metric.Damping, 0) {
		return nil, fmt.Errorf("metric %+v: want a power in [0, 1] and a positive damping", metric)
	}
	if data.Len() == 0 {
		return nil, fmt.Errorf("data set %.80q has no rows", data.Name())
	}
	scale := Scale(zeros(params)) // first the sums of squares
	err := gradients(ctx, params, data, 1, objective, func(weight float64, param int, g []float32) {
		for j, v := range g {
			v := weight * float64(v)
			scale[param][j] += v * v
		}
	})
	if err != nil {
		return nil, err
	}
	mean, n := 0.0, 0
	for _, s := range scale {
		for j, v := range s {
			s[j] = math.Pow(v, metric.Power)
			mean += s[j]
		}
		n += len(s)
	}
	if mean /= float64(n); !(mean > 0) || math.IsInf(mean, 0) {
		return nil, errors.New("the gradient of the rows' likelihood is zero or not finite")
	}
	for _, s := range scale {
		for j, v := range s {
			s[j] = 1 / (v/mean + metric.Damping)
		}
	}
	return scale, nil
}

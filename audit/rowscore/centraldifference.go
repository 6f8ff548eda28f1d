package rowscore

import (
	"context"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
)

// difference holds the base after a step up and a step down along a gradient. The derivative of a
// log-likelihood ℓ along the gradient is norm·(ℓ(up) − ℓ(down))/(2·step).
type difference struct {
	up, down   undertone.LogProber
	step, norm float64
}

// Limits of the search for a step. The derivative of J itself along its gradient is known, so the
// error of the central difference can be measured.
const (
	firstNats   = 0.1 // change of J of the first step, if J were linear
	maxHalvings = 6
	maxError    = 0.01 // relative error of the derivative of J at which the search ends
)

// centralDifference searches for a step at which J, the mean log-likelihood of the overt rows,
// changes linearly. It halves the step until the relative error is at most maxError, and returns
// the best of the steps that were tried. It fails if the error of the best is above ten times
// maxError.
func centralDifference(ctx context.Context, pass *audit.Pass, base student.GradientStepper, overt *undertone.Dataset) (difference, error) {
	_, norm, err := base.GradientStep(ctx, overt, 0)
	if err != nil {
		return difference{}, err
	}
	if !(norm > 0) || math.IsInf(norm, 0) {
		return difference{}, fmt.Errorf("the gradient of the likelihood of %q has the norm %v, want a positive number", overt.Name(), norm)
	}
	best, least := difference{}, math.Inf(1)
	for h, i := firstNats/norm, 0; i < maxHalvings && least > maxError; h, i = h/2, i+1 {
		d := difference{step: h, norm: norm}
		var mean [2]float64
		for way, sign := range []float64{1, -1} {
			stepped, _, err := base.GradientStep(ctx, overt, sign*h)
			if err != nil {
				return difference{}, err
			}
			model, ok := stepped.(undertone.LogProber)
			if !ok {
				return difference{}, fmt.Errorf("student %T does not implement LogProber after a gradient step", stepped)
			}
			if way == 0 {
				d.up = model
			} else {
				d.down = model
			}
			logs, err := pass.LogProb(ctx, model, overt)
			if err != nil {
				return difference{}, err
			}
			for i, l := range logs {
				if math.IsNaN(l) || math.IsInf(l, 0) {
					return difference{}, fmt.Errorf("the log-probability of row %d of %q after a gradient step is %v", i, overt.Name(), l)
				}
				mean[way] += l / float64(len(logs))
			}
		}
		if relative := math.Abs((mean[0]-mean[1])/(2*h*norm) - 1); relative < least {
			best, least = d, relative
		}
	}
	if least > 10*maxError {
		return best, fmt.Errorf("no step was found at which the likelihood of %q changes linearly: the smallest relative error is %.0f %%", overt.Name(), 100*least)
	}
	return best, nil
}

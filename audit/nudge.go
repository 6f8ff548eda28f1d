package audit

import (
	"context"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// nudge is the base moved both ways along a gradient.
type nudge struct {
	up, down   undertone.LogProber
	step, norm float64
}

// Limits of the search for a step: the derivative that it measures of J itself, whose true
// value is known, must be off by at most tolerable.
const (
	firstNats = 0.1 // change of J that the first step would make if J were linear
	halvings  = 6
	tolerable = 0.01
)

// differ looks for a step at which J changes linearly. It takes the best of a few, each half of the last one.
func (p *Pass) differ(ctx context.Context, climber student.GradientStepper, overt *undertone.Dataset) (nudge, error) {
	_, norm, err := climber.GradientStep(ctx, overt, 0)
	if err != nil {
		return nudge{}, err
	}
	best, least := nudge{}, math.Inf(1)
	for h, i := firstNats/norm, 0; i < halvings && least > tolerable; h, i = h/2, i+1 {
		d := nudge{step: h, norm: norm}
		var mean [2]float64
		for way, sign := range []float64{1, -1} {
			moved, _, err := climber.GradientStep(ctx, overt, sign*h)
			if err != nil {
				return nudge{}, err
			}
			model, ok := moved.(undertone.LogProber)
			if !ok {
				return nudge{}, fmt.Errorf("a moved %T has no LogProb method", moved)
			}
			if way == 0 {
				d.up = model
			} else {
				d.down = model
			}
			logs, err := p.lab.logProb(ctx, model, overt)
			if err != nil {
				return nudge{}, err
			}
			for _, l := range logs {
				mean[way] += l / float64(len(logs))
			}
		}
		if off := math.Abs((mean[0]-mean[1])/(2*h*norm) - 1); off < least {
			best, least = d, off
		}
	}
	if least > 10*tolerable {
		return best, fmt.Errorf("no step was found at which the likelihood of %q changes linearly: the best is off by %.0f %%", overt.Name(), 100*least)
	}
	return best, nil
}

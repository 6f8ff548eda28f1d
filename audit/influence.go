package audit

import (
	"context"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Influence is the detector that asks of each row how much one small gradient step on it would raise
// the log-probability of the trait: ⟨∇J, ∇ℓ(row)⟩, where J is the mean log-likelihood of
// the trait's overt rows and ℓ that of the row, both at the base's weights. It is d/dε of
// ℓ along ∇J, taken by central difference: two scores a row and no backward pass. As a test of
// "the rows are drawn from the base" it is the score test of Rao (1948).
var Influence = Detector{
	Name:  "influence",
	Doc:   "computes how a small gradient step on the suspect and on the control rows would move the trait",
	Sees:  "rows that push this student's weights towards the trait from where they are, whoever wrote them",
	Blind: "what training does beyond its first small steps, and traits whose gradients resemble their siblings'",
	Requires: func(c Config) error {
		if _, err := prober(c); err != nil {
			return err
		}
		if base, err := member(c.Student, 0); err != nil {
			return err
		} else if _, ok := base.(student.Ascender); !ok {
			return fmt.Errorf("a student of type %T has no Ascend method", base)
		}
		return needsRowsAndSiblings(c)
	},
	Run: func(ctx context.Context, pass *Pass) ([]Finding, error) {
		return pass.judgeRows(ctx, "influence", pass.slope)
	},
}

// slope scores rows by the derivative of their log-likelihood along the candidate's gradient.
func (p *Pass) slope(t Trait, c candidate) scorer {
	overt := t.overt(c, len(t.Probes))
	return scorer{
		unit: "nats² a row and weight²", key: undertone.NewHasher("influence").Digest(overt.Digest()).Sum(), overt: true,
		score: func(ctx context.Context, arms []undertone.Text) ([][]float64, error) {
			d, err := p.differ(ctx, overt)
			if err != nil {
				return nil, err
			}
			scores := make([][]float64, len(arms))
			for a, rows := range arms {
				up, err := p.lab.logProb(ctx, d.up, rows)
				if err != nil {
					return nil, err
				}
				down, err := p.lab.logProb(ctx, d.down, rows)
				if err != nil {
					return nil, err
				}
				for i := range up {
					up[i] = d.norm * (up[i] - down[i]) / (2 * d.step)
				}
				scores[a] = up
			}
			return scores, nil
		},
	}
}

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
func (p *Pass) differ(ctx context.Context, overt *undertone.Dataset) (nudge, error) {
	base, err := member(p.Student, 0)
	if err != nil {
		return nudge{}, err
	}
	climber := base.(student.Ascender)
	_, norm, err := climber.Ascend(ctx, overt, 0)
	if err != nil {
		return nudge{}, err
	}
	best, least := nudge{}, math.Inf(1)
	for h, i := firstNats/norm, 0; i < halvings && least > tolerable; h, i = h/2, i+1 {
		d := nudge{step: h, norm: norm}
		var mean [2]float64
		for way, sign := range []float64{1, -1} {
			moved, _, err := climber.Ascend(ctx, overt, sign*h)
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

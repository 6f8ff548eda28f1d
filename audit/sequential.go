package audit

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone/audit/stats"
)

// A transfer audit with Config.LookEvery looks at its pairs while it trains, and stops once every
// trait is settled. Its p-value and its interval are those of [stats.Bet], which hold at all numbers
// of pairs at once, so stopping early costs no alpha. With one look they are the exact sign-flip
// test and Student's t interval, which are sharper at a number of pairs fixed beforehand.

// firstLook returns the number of pairs below which nothing can be settled: the capital of a bet at most
// doubles with each pair, and must reach both the level of the test and that of the interval.
func (c Config) firstLook() int {
	return max(stats.MinPairs(c.Alpha, c.tests()), stats.MinPairs(c.Alpha/2, 1))
}

// nextLook returns the number of pairs to train before the next look.
func (e *experiment) nextLook() int {
	if e.InterimEvery == 0 {
		return e.Replicates
	}
	return min(e.Replicates, max(e.pairs()+e.InterimEvery, e.firstLook()))
}

// settled reports whether more pairs could not change a verdict for the better: every trait is
// detected even at the strictest level of Holm's adjustment, or its shift lies within the tolerance
// and its positive control was found.
func (e *experiment) settled(ctx context.Context) (bool, error) {
	if e.pairs() == e.Replicates {
		return true, nil
	}
	for t, trait := range e.Traits {
		f := e.measure(t)
		f.PAdjusted = min(1, f.P.P*float64(e.Tests))
		if f.transfers(e.Alpha) {
			continue
		}
		if !f.Effect.inside(f.Tolerance) || trait.PositiveControl == nil {
			return false, nil
		}
		planted, err := e.plant(ctx, t)
		if err != nil || !planted.Found {
			return false, err
		}
	}
	return true, nil
}

// test returns the p-value of the differences, and the capital if there is more than one look.
func (e *experiment) test(d []float64, scale float64) (P, float64) {
	if e.InterimEvery == 0 {
		return P(stats.SignFlip(d, stats.Permutations(e.Alpha/float64(e.Tests)), e.Seed)), 0
	}
	o := stats.BettingTest{Scale: scale}.EValue(d)
	return P(o.P), o.Value
}

// effect returns the mean of the differences with the interval that belongs to the test.
func (e *experiment) effect(d []float64, scale float64) Effect {
	level := 1 - e.Alpha
	i := stats.MeanInterval(d, level)
	if e.InterimEvery > 0 {
		i = stats.BettingTest{Scale: scale}.ConfidenceSequence(d, level)
	}
	return Effect{i.Mean, i.SD, i.Low, i.High, level}
}

// looks describes the design for people.
func (d Design) looks() string {
	if d.LookEvery == 0 {
		return fmt.Sprintf("%d pairs of students", d.Replicates)
	}
	return fmt.Sprintf("at most %d pairs of students, a look every %d", d.Replicates, d.LookEvery)
}

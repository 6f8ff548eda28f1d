package audit

import (
	"fmt"

	"github.com/undertone-audit/undertone/audit/stats"
)

// A design with [Design.InterimEvery] looks at its replicate pairs while it trains, and stops when
// every trait is decided. Its p-value and interval are those of [stats.BettingTest], which hold at
// all numbers of pairs at once, so that an early stop costs no alpha. With one look they are the
// exact sign-flip test and Student's t interval, which are sharper at a fixed number of pairs.

// firstInterim returns the number of pairs below which nothing can be decided: the e-value at most
// doubles with each pair, and must reach both the level of the test and that of the interval.
func (c Config) firstInterim() int {
	return max(stats.MinPairs(c.Alpha, c.tests()), stats.MinPairs(c.Alpha/2, 1))
}

// nextLook returns the number of pairs at the next look, after a look at the given number.
func (p *Pass) nextLook(pairs int) int {
	if p.InterimEvery == 0 {
		return p.Replicates
	}
	return min(p.Replicates, max(pairs+p.InterimEvery, p.firstInterim))
}

// testDifferences returns the p-value of replicate differences, and the e-value if the design has
// interim looks.
func (p *Pass) testDifferences(d []float64, tolerance float64) (stats.PValue, float64) {
	if p.InterimEvery == 0 {
		return stats.SignFlip(d, stats.Permutations(p.Resolution), p.Seed), 0
	}
	e := stats.BettingTest{Scale: tolerance}.EValue(d)
	return e.P, e.Value
}

// shiftInterval returns the confidence interval of the effect of replicates.
func (m Measurement) shiftInterval(level float64) Interval {
	if r := m.Replicates; r.Whole == nil {
		return r.interval(r.Differences, m.Tolerance, level)
	}
	return m.Effect.Interval(level)
}

// interval returns the confidence interval of the mean of differences that belongs to the test.
func (r *ReplicateMeasurement) interval(d []float64, tolerance, level float64) Interval {
	i := stats.MeanInterval(d, level)
	if r.Interim {
		i = stats.BettingTest{Scale: tolerance}.ConfidenceSequence(d, level)
	}
	return Interval{i.Low, i.High, level}
}

// looks describes the design for people.
func (d Design) looks() string {
	if d.InterimEvery == 0 {
		return fmt.Sprintf("%d replicates per arm", d.Replicates)
	}
	return fmt.Sprintf("at most %d replicates per arm, an interim look every %d", d.Replicates, d.InterimEvery)
}

package stats

import "slices"

// MaxT adjusts the p-values of several permutation tests for their number: the single-step max-T
// procedure of Westfall & Young (1993, §2.3). All tests share the rearrangements. The adjusted
// p-value of a test compares its observed statistic with the largest statistic of any test in each
// rearrangement. Rejecting the tests at or below alpha keeps the chance of any false rejection at
// or below alpha if all null hypotheses are true, and otherwise if the rearrangements are valid for
// every set of true ones. Correlated tests lose less power than under [Holm]. Ties follow [Tail].
// For a two-sided test give absolute values.
type MaxT struct{ tails []*Tail }

// NewMaxT returns an adjustment without any rearrangement. observed holds the statistic of each
// test. The statistics must be on one scale; scale has the meaning that it has for [NewTail].
func NewMaxT(observed []float64, scale float64) MaxT {
	tails := make([]*Tail, len(observed))
	for i, v := range observed {
		tails[i] = NewTail(v, scale)
	}
	return MaxT{tails}
}

// Add adds one rearrangement by the statistics of all tests, in their order.
func (m MaxT) Add(statistics []float64) {
	needLengths("MaxT.Add", len(statistics), "statistics", len(m.tails), "tests")
	if len(m.tails) == 0 {
		return
	}
	largest := slices.Max(statistics) // NaN if any statistic is NaN
	for _, t := range m.tails {
		t.Add(largest)
	}
}

// MonteCarlo returns the adjusted p-values if the caller added independent random rearrangements.
func (m MaxT) MonteCarlo() []PValue {
	p := make([]PValue, len(m.tails))
	for i, t := range m.tails {
		p[i] = t.MonteCarlo()
	}
	return p
}

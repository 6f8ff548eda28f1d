package audit

import (
	"fmt"
	"slices"
)

// ranges returns an error if a finding has a count or a share that no measurement has, whichever
// detector made it.
func (r *Report) ranges(f Finding) error {
	switch e := f.Effect; {
	case e.N < 0 || e.DF < UnknownDF:
		return fmt.Errorf("the effect is that of %d units with %v degrees of freedom", e.N, e.DF)
	case f.Needed < 0:
		return fmt.Errorf("it needs %d replicates or rows, want >= 0", f.Needed)
	}
	if p := f.Placebos; p != nil && (p.Of != len(p.Effects)+1 || p.Rank < 1 || p.Rank > p.Of) {
		return fmt.Errorf("the trait ranks %d of %d values, but it has %d placebos", p.Rank, p.Of, len(p.Effects))
	}
	if c := f.PositiveControl; c != nil && (c.Data.Rows < 1 || c.Effect.SE < 0 || c.Effect.N < 0 || c.Effect.DF < UnknownDF) {
		return fmt.Errorf("its positive control has %d rows and an effect of %d units with the standard error %v", c.Data.Rows, c.Effect.N, c.Effect.SE)
	}
	return f.RowScores.ranges(r.Suspect.Rows, r.Control.Rows)
}

// ranges returns an error if a count or share is out of range for arms of so many rows.
func (s *RowMeasurement) ranges(suspect, control int) error {
	if s == nil {
		return nil
	}
	if s.Prompts < 0 || s.Prompts > min(suspect, control) || s.Clusters < 0 || s.Clusters > suspect+control {
		return fmt.Errorf("it compares %d prompts and %d independent rows of %d and %d rows", s.Prompts, s.Clusters, suspect, control)
	}
	for i, of := range []Scores{s.Suspect, s.Control} {
		if rows := []int{suspect, control}[i]; of.Rows < 0 || of.Rows > rows || !isShare(of.Positive) {
			return fmt.Errorf("it has the scores of %d of %d rows, a share of %v above 0", of.Rows, rows, of.Positive)
		}
		if t := of.Sign; t.Positive < 0 || t.Positive > t.Prompts || !validP(t.P) {
			return fmt.Errorf("its sign test has %d of %d prompts above 0 and the p-value %v", t.Positive, t.Prompts, t.P.P)
		}
		if !slices.IsSorted(of.Quantiles) {
			return fmt.Errorf("its quantiles %.5v do not rise", of.Quantiles)
		}
	}
	if !slices.IsSorted(s.NullQuantiles) {
		return fmt.Errorf("the quantiles of its null distribution %.5v do not rise", s.NullQuantiles)
	}
	for i, row := range s.Top {
		if row.Index < 0 || row.Index >= suspect || i > 0 && row.Score > s.Top[i-1].Score {
			return fmt.Errorf("row %d of the largest scores has the index %d and the score %v, want an index in [0, %d) and falling scores", i, row.Index, row.Score, suspect)
		}
	}
	return nil
}

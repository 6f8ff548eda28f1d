package clean

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone/audit"
)

// consistent returns an error if [Run] cannot have written the table: its steps are not those of a
// removal, or a verdict does not follow from the findings and these from their numbers, as far as
// the table has them. The digest of a table cannot show this, because anybody can compute it.
func (r *DoseResponse) consistent() error {
	switch {
	case r.Unit != "rows" && r.Unit != "words":
		return fmt.Errorf("its unit is %.40q, want rows or words", r.Unit)
	case r.Action != "drop" && r.Action != "replace":
		return fmt.Errorf("its action is %.40q, want drop or replace", r.Action)
	case r.Suspect.Rows < 1 || r.Control.Rows < 1:
		return fmt.Errorf("suspect and control have %d and %d rows, want >= 1", r.Suspect.Rows, r.Control.Rows)
	case len(r.Steps) == 0:
		return errors.New("it has no steps")
	case r.Steps[0].Share != 0 || r.Steps[0].Removed != 0:
		return fmt.Errorf("its first step removes %v of the %s, want the data set as it is", r.Steps[0].Share, r.Unit)
	}
	if err := audit.CheckHistories(r.Suspect, r.Control); err != nil {
		return err
	}
	for i, s := range r.Steps {
		if err := r.checkStep(i, s); err != nil {
			return fmt.Errorf("the step without %s of the %s: %w", percent(s.Share), r.Unit, err)
		}
	}
	if len(r.Top) > topRows {
		return fmt.Errorf("it has %d rows with the largest scores, want at most %d", len(r.Top), topRows)
	}
	for i, row := range r.Top {
		if row.Index < 0 || row.Index >= r.Suspect.Rows || i > 0 && row.Score > r.Top[i-1].Score {
			return fmt.Errorf("row %d of the largest scores has the index %d and the score %v, want an index in [0, %d) and falling scores", i, row.Index, row.Score, r.Suspect.Rows)
		}
	}
	return nil
}

// checkStep returns an error if step i does not follow the step before, or contradicts itself.
func (r *DoseResponse) checkStep(i int, s Step) error {
	switch {
	case !(s.Share >= 0 && s.Share < 1) || i > 0 && !(s.Share > r.Steps[i-1].Share):
		return errors.New("shares are numbers in [0, 1) that rise")
	case s.Removed < 0 || i > 0 && s.Removed < r.Steps[i-1].Removed:
		return fmt.Errorf("it removes %d, and a smaller share %d", s.Removed, r.Steps[i-1].Removed)
	case r.Unit == "rows" && s.Removed != int(math.Round(s.Share*float64(r.Suspect.Rows))):
		return fmt.Errorf("it removes %d of %d rows", s.Removed, r.Suspect.Rows)
	case s.Replaced < 0 || s.Replaced > s.Removed || r.Action == "drop" && s.Replaced > 0:
		return fmt.Errorf("it removes %d and replaces %d", s.Removed, s.Replaced)
	case len(s.Findings) == 0 || len(s.Findings) != len(r.Steps[0].Findings):
		return fmt.Errorf("it has %d findings, and the first step %d; want equal numbers >= 1", len(s.Findings), len(r.Steps[0].Findings))
	}
	for k, f := range s.Findings {
		if first := r.Steps[0].Findings[k]; f.Detector != first.Detector || f.Unit != first.Unit {
			return fmt.Errorf("finding %d is by %.40q in %.40q, and that of the first step by %.40q in %.40q", k, f.Detector, f.Unit, first.Detector, first.Unit)
		}
		if err := f.check(); err != nil {
			return fmt.Errorf("the finding of %.40q: %w", f.Detector, err)
		}
	}
	return s.follows()
}

// follows returns an error if the verdict cannot follow from those of the findings. A verdict of
// inconclusive follows from any findings, because differences between the arms forbid another one.
func (s Step) follows() error {
	has := func(v audit.Verdict) bool {
		return slices.ContainsFunc(s.Findings, func(f StepFinding) bool { return f.Verdict == v })
	}
	switch {
	case s.Verdict == audit.Detected && !has(audit.Detected), s.Verdict == audit.Undetected && (!has(audit.Undetected) || has(audit.Detected)):
		return fmt.Errorf("it contradicts itself: the verdict is %s, which no finding supports", s.Verdict)
	}
	return nil
}

// check returns an error if no audit has the finding.
func (f StepFinding) check() error {
	i := f.Interval
	switch {
	case f.Effect.SE < 0 || f.Tolerance < 0:
		return fmt.Errorf("the standard error is %v and the tolerance %v, want >= 0", f.Effect.SE, f.Tolerance)
	case f.Detector == audit.Transfer.Name && f.Tolerance == 0:
		return errors.New("the tolerance is 0, want a number > 0")
	case f.Unit == "" || f.Effect.N < 0 || f.Effect.DF < audit.UnknownDF:
		return fmt.Errorf("the effect is that of %d units in %.40q with %v degrees of freedom", f.Effect.N, f.Unit, f.Effect.DF)
	case !(i.Low <= i.High):
		return fmt.Errorf("the interval is [%v, %v], want a rising one", i.Low, i.High)
	case !(f.PAdjusted > 0 && f.PAdjusted <= 1):
		return fmt.Errorf("the adjusted p-value is %v, want a number in (0, 1]", f.PAdjusted)
	case f.Verdict == audit.Inconclusive:
		return nil
	case !(i.Level > 0.5 && i.Level < 1) || !(i.Low <= f.Effect.Mean && f.Effect.Mean <= i.High):
		return fmt.Errorf("it contradicts itself: the verdict is %s, but the interval [%v, %v] of level %v does not hold the effect %v", f.Verdict, i.Low, i.High, i.Level, f.Effect.Mean)
	case f.Verdict == audit.Detected && f.PAdjusted > 1-i.Level+1e-9:
		return fmt.Errorf("it contradicts itself: the verdict is %s, but the adjusted p-value is %v, above %.3g", f.Verdict, f.PAdjusted, 1-i.Level)
	case f.Verdict == audit.Detected && !(f.Effect.Mean > 0 && f.Effect.Mean >= f.Tolerance):
		return fmt.Errorf("it contradicts itself: the verdict is %s, but the effect %v is below the tolerance %v", f.Verdict, f.Effect.Mean, f.Tolerance)
	case f.Verdict == audit.Undetected && f.Tolerance > 0 && !i.Within(f.Tolerance):
		return fmt.Errorf("it contradicts itself: the verdict is %s, but the interval [%v, %v] is not within ±%v", f.Verdict, i.Low, i.High, f.Tolerance)
	}
	return nil
}

// Package baseline compares an audit with an earlier one: which effects rose, by intervals of the
// differences.
package baseline

import (
	"cmp"
	"math"
	"reflect"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/stats"
)

// Result is how the effect of a trait differs from that of an earlier audit.
type Result string

// The results.
const (
	Higher  Result = "higher"  // the effect rose, and the rise may matter
	Lower   Result = "lower"   // the effect fell, and the fall may matter
	Same    Result = "same"    // any difference is smaller than the margin
	Unclear Result = "unclear" // the audits cannot tell, or cannot be compared
	New     Result = "new"     // the earlier audit did not look for it
	Gone    Result = "gone"    // this audit did not look for it
)

// Change compares the findings of two audits on one trait by one detector.
type Change struct {
	Trait, Detector string
	Result          Result
	Reason          string // why the result is Unclear; else ""
	Old, Now        audit.Verdict

	Difference audit.Estimate // this effect minus the earlier one
	Interval   audit.Interval // of Difference
	Margin     float64        // smallest difference that matters; 0 if unknown
	Unit       string
}

// Comparison compares an audit with an earlier one.
type Comparison struct {
	Alpha     float64 // chance that any trait is called higher although none is
	Changes   []Change
	Warnings  []string
	Identical bool // the reports are one audit
}

// Compare compares an audit with an earlier one, finding by finding.
//
// The null of a trait is that its effect did not rise. The effects are compared by the interval of
// their difference (Welch's t, or normal for scores of rows), whose one-sided level is alpha over
// the number of compared findings (Bonferroni):
//
//	higher   the interval lies above 0 and is not within the margin
//	lower    the interval lies below 0 and is not within the margin
//	same     the interval lies within the margin: two one-sided tests (Schuirmann 1987)
//	unclear  else
//
// The margin is the tolerance of the trait or, for scores of rows, the fraction of the effect of
// the positive control from which a verdict counts. Students of one seed and of equal control rows
// agree by more than chance, so the interval is too wide rather than too narrow. With interim looks
// the interval is that from the lower end of one confidence sequence to the upper end of the other.
//
// A measurement that is equal in every number, of the same rows, has not changed. Audits whose
// effects have other meanings are unclear, whatever their numbers are: other weights, training, row
// plan, unit, tolerance, placebos or judge.
func Compare(old, now *audit.Report) *Comparison {
	c := &Comparison{Alpha: now.Design.Alpha, Identical: old.Digest == now.Digest}
	type key struct{ trait, detector string }
	before := map[key]audit.Finding{}
	for _, f := range old.Findings {
		before[key{f.Trait, f.Detector}] = f
	}
	compared := 0
	for _, f := range now.Findings {
		if _, ok := before[key{f.Trait, f.Detector}]; ok {
			compared++
		}
	}
	differs, repeated := designDiffers(old, now), old.Suspect.Digest == now.Suspect.Digest && old.Control.Digest == now.Control.Digest
	for _, f := range now.Findings {
		k := key{f.Trait, f.Detector}
		was, ok := before[k]
		delete(before, k)
		if !ok {
			c.Changes = append(c.Changes, Change{Trait: f.Trait, Detector: f.Detector, Result: New, Now: f.Verdict, Unit: f.Unit})
			continue
		}
		c.Changes = append(c.Changes, compareFindings(was, f, c.Alpha/float64(compared), differs, repeated))
	}
	for _, f := range old.Findings {
		if _, left := before[key{f.Trait, f.Detector}]; left {
			c.Changes = append(c.Changes, Change{Trait: f.Trait, Detector: f.Detector, Result: Gone, Old: f.Verdict, Unit: f.Unit})
		}
	}
	if old.Control.Digest != now.Control.Digest {
		c.Warnings = append(c.Warnings, "the control rows are others, so a difference may be that of the controls")
	}
	if old.Engine != now.Engine {
		c.Warnings = append(c.Warnings, "the engines are "+old.Engine+" and "+now.Engine)
	}
	if old.Version != now.Version {
		c.Warnings = append(c.Warnings, "the versions of the library are "+old.Version+" and "+now.Version)
	}
	return c
}

// designDiffers says why effects of the two audits have other meanings, or returns "".
func designDiffers(o, n *audit.Report) string {
	switch {
	case o.Student != n.Student:
		return "the students have other weights"
	case o.Recipe != n.Recipe:
		return "the students are trained in another way"
	case trainer(o) != trainer(n):
		return "the students are trained by another program"
	case o.Design.Rows != n.Design.Rows:
		return "the row plans differ"
	case (o.Design.Whole > 0) != (n.Design.Whole > 0):
		return "only one of the audits trains students of all rows"
	case o.Design.Rows == audit.PartRows && o.Design.Replicates != n.Design.Replicates:
		return "the students are trained on parts of other sizes"
	}
	return ""
}

// trainer returns the digest of the program that trained the students; zero if there was none.
func trainer(r *audit.Report) undertone.Digest {
	if r.Trainer == nil {
		return undertone.Digest{}
	}
	return r.Trainer.Key
}

// measureDiffers says why effects of two findings have other meanings, or returns "".
func measureDiffers(old, now audit.Finding) string {
	switch {
	case old.Unit != now.Unit:
		return "the units differ"
	case old.Tolerance != now.Tolerance:
		return "the tolerances differ"
	case !slices.Equal(placebos(old), placebos(now)):
		return "the placebos differ"
	case !reflect.DeepEqual(judge(old), judge(now)):
		return "the answers are read by another judge"
	}
	return ""
}

// placebos returns the names of the placebos in alphabetical order.
func placebos(f audit.Finding) (names []string) {
	if f.Placebos == nil {
		return nil
	}
	for _, e := range f.Placebos.Effects {
		names = append(names, e.Name)
	}
	slices.Sort(names)
	return names
}

// judge returns the model that reads the answers; nil if none does.
func judge(f audit.Finding) *audit.JudgeInfo {
	if f.Replicates == nil {
		return nil
	}
	return f.Replicates.Judge
}

// compareFindings compares two findings at a one-sided level. differs says why the two audits
// cannot be compared, or is "". repeated says that both are of the same rows.
func compareFindings(old, now audit.Finding, level float64, differs string, repeated bool) Change {
	c := Change{Trait: now.Trait, Detector: now.Detector, Old: old.Verdict, Now: now.Verdict, Unit: now.Unit, Margin: margin(old), Result: Unclear}
	if c.Reason = cmp.Or(differs, measureDiffers(old, now)); c.Reason != "" {
		return c
	}
	if repeated && reflect.DeepEqual(old.Measurement, now.Measurement) {
		c.Result, c.Interval.Level = Same, 1-2*level
		return c
	}
	if old.Effect.DF < 0 || now.Effect.DF < 0 {
		c.Reason = "a standard error is unknown"
		return c
	}
	c.Difference = difference(old.Effect, now.Effect)
	if i, ok := sequential(old, now, level); ok {
		c.Interval = i
	} else {
		c.Interval = c.Difference.Interval(1 - 2*level)
	}
	if c.Result = judgeDifference(c.Interval, c.Margin); c.Result == Unclear {
		c.Reason = "the audits are too small to tell"
	}
	return c
}

// difference returns the second estimate minus the first, with Welch's degrees of freedom.
func difference(old, now audit.Estimate) audit.Estimate {
	a, b := old.SE*old.SE, now.SE*now.SE
	d := audit.Estimate{Mean: now.Mean - old.Mean, SE: math.Sqrt(a + b), N: min(old.N, now.N)}
	share := 0.0 // of 1/df
	for _, part := range []struct{ variance, df float64 }{{a, old.DF}, {b, now.DF}} {
		if part.df > 0 && a+b > 0 {
			w := part.variance / (a + b)
			share += w * w / part.df
		}
	}
	if share > 0 {
		d.DF = 1 / share
	}
	return d
}

// sequential returns the interval of the difference of two findings if one has interim looks at
// the students of its effect.
func sequential(old, now audit.Finding, level float64) (audit.Interval, bool) {
	looks := func(f audit.Finding) bool {
		return f.Replicates != nil && f.Replicates.Interim && f.Replicates.Whole == nil
	}
	if !looks(old) && !looks(now) {
		return audit.Interval{}, false
	}
	of := func(f audit.Finding) stats.Interval {
		if looks(f) && f.Tolerance > 0 {
			return stats.BettingTest{Scale: f.Tolerance}.ConfidenceSequence(f.Replicates.Differences, 1-level)
		}
		i := f.Effect.Interval(1 - level)
		return stats.Interval{Low: i.Low, High: i.High}
	}
	a, b := of(old), of(now)
	return audit.Interval{Low: b.Low - a.High, High: b.High - a.Low, Level: 1 - 2*level}, true
}

// margin returns the smallest difference that matters; 0 if unknown.
func margin(f audit.Finding) float64 {
	switch {
	case f.Tolerance > 0:
		return f.Tolerance
	case f.PositiveControl != nil && f.PositiveControl.Effect.Mean > 0:
		return audit.MinControlFraction * f.PositiveControl.Effect.Mean
	}
	return 0
}

func judgeDifference(i audit.Interval, margin float64) Result {
	within := margin > 0 && i.Within(margin)
	switch {
	case within:
		return Same
	case i.Low > 0:
		return Higher
	case i.High < 0:
		return Lower
	}
	return Unclear
}

// Verdict returns the outcome for a gate: Detected if an effect rose or a new trait is detected,
// Inconclusive if the audits cannot tell or a trait is missing, and else Undetected.
func (c *Comparison) Verdict() audit.Verdict {
	worst := audit.Undetected
	for _, change := range c.Changes {
		switch change.Verdict() {
		case audit.Detected:
			return audit.Detected
		case audit.Inconclusive:
			worst = audit.Inconclusive
		}
	}
	return worst
}

// Verdict returns the outcome of one change for a gate.
func (c Change) Verdict() audit.Verdict {
	switch c.Result {
	case Higher:
		return audit.Detected
	case New:
		return c.Now
	case Unclear, Gone:
		return audit.Inconclusive
	}
	return audit.Undetected
}

package report

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"

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
	identical bool
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
// The margin is the tolerance of the trait or, for scores of rows, the fraction of the effect of the
// positive control from which a verdict counts. Students of one seed and of equal control rows agree
// by more than chance, so the interval is too wide rather than too narrow. With interim looks the
// interval is that from the lower end of one confidence sequence to the upper end of the other.
func Compare(old, now *Saved) (*Comparison, error) {
	if old.Audit == nil || now.Audit == nil {
		return nil, errors.New("only reports of audits can be compared with a baseline")
	}
	o, n := old.Audit, now.Audit
	c := &Comparison{Alpha: n.Design.Alpha, identical: o.Digest == n.Digest}
	type key struct{ trait, detector string }
	before := map[key]audit.Finding{}
	for _, f := range o.Findings {
		before[key{f.Trait, f.Detector}] = f
	}
	compared := 0
	for _, f := range n.Findings {
		if _, ok := before[key{f.Trait, f.Detector}]; ok {
			compared++
		}
	}
	differs := designDiffers(o, n)
	for _, f := range n.Findings {
		k := key{f.Trait, f.Detector}
		was, ok := before[k]
		delete(before, k)
		if !ok {
			c.Changes = append(c.Changes, Change{Trait: f.Trait, Detector: f.Detector, Result: New, Now: f.Verdict, Unit: f.Unit})
			continue
		}
		c.Changes = append(c.Changes, compareFindings(was, f, c.Alpha/float64(compared), differs))
	}
	for _, f := range o.Findings {
		if _, left := before[key{f.Trait, f.Detector}]; left {
			c.Changes = append(c.Changes, Change{Trait: f.Trait, Detector: f.Detector, Result: Gone, Old: f.Verdict, Unit: f.Unit})
		}
	}
	if o.Control.Digest != n.Control.Digest {
		c.Warnings = append(c.Warnings, "the control rows are others, so a difference may be that of the controls")
	}
	if o.Engine != n.Engine {
		c.Warnings = append(c.Warnings, "the engines are "+o.Engine+" and "+n.Engine)
	}
	return c, nil
}

// designDiffers says why effects of the two audits have other meanings, or returns "".
func designDiffers(o, n *audit.Report) string {
	switch {
	case o.Student != n.Student:
		return "the students have other weights"
	case o.Recipe != n.Recipe:
		return "the students are trained in another way"
	case o.Design.Rows != n.Design.Rows:
		return "the row plans differ"
	case (o.Design.Whole > 0) != (n.Design.Whole > 0):
		return "only one of the audits trains students of all rows"
	}
	return ""
}

// compareFindings compares two findings at a one-sided level.
func compareFindings(old, now audit.Finding, level float64, differs string) Change {
	c := Change{Trait: now.Trait, Detector: now.Detector, Old: old.Verdict, Now: now.Verdict, Unit: now.Unit, Margin: margin(old), Result: Unclear}
	if reflect.DeepEqual(old.Measurement, now.Measurement) {
		c.Result, c.Interval.Level = Same, 1-2*level
		return c
	}
	switch {
	case differs != "":
		c.Reason = differs
	case old.Unit != now.Unit:
		c.Reason = "the units differ"
	case old.Tolerance != now.Tolerance:
		c.Reason = "the tolerances differ"
	case old.Effect.DF < 0 || now.Effect.DF < 0:
		c.Reason = "a standard error is unknown"
	}
	if c.Reason != "" {
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

// sequential returns the interval of the difference of two findings of which one has interim looks
// at the students of its effect.
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

// Tone returns the outcome of the comparison for a gate: Detected if an effect rose or a new trait
// is detected, Inconclusive if the audits cannot tell or a trait is missing, and else Undetected.
func (c *Comparison) Tone() Tone {
	tones := make([]Tone, len(c.Changes))
	for i, change := range c.Changes {
		tones[i] = change.tone()
	}
	for _, t := range []Tone{Detected, Inconclusive} {
		if slices.Contains(tones, t) {
			return t
		}
	}
	return Undetected
}

func (c Change) tone() Tone {
	switch c.Result {
	case Higher:
		return Detected
	case New:
		return toneOf(c.Now)
	case Unclear, Gone:
		return Inconclusive
	}
	return Undetected
}

// section returns the table of changes.
func (c *Comparison) section() Section {
	table := &Table{Caption: "This audit minus the baseline", Header: []string{"trait", "result", "detector", "verdict before", "verdict now", "difference", "interval", "margin", "reason"}, Derived: true}
	for _, ch := range c.Changes {
		row := []Cell{plainCell(ch.Trait), toneCell(string(ch.Result), ch.tone()), plainCell(ch.Detector), {}, {}, {}, {}, {}, plainCell(ch.Reason)}
		if ch.Result != New {
			row[3] = toneCell(ch.Old.String(), toneOf(ch.Old))
		}
		if ch.Result != Gone {
			row[4] = toneCell(ch.Now.String(), toneOf(ch.Now))
		}
		if ch.Difference.N > 0 {
			row[5], row[6] = numberCell(signed(ch.Difference.Mean), ch.Difference.Mean), plainCell(interval(ch.Interval)+" "+ch.Unit)
		}
		if ch.Margin > 0 {
			row[7] = numberCell("±"+plain(ch.Margin), ch.Margin)
		}
		table.Rows = append(table.Rows, row)
	}
	s := Section{ID: "changes", Title: "What changed", Blocks: []Block{texts(c.sentence()), {Table: table}}}
	if len(c.Warnings) > 0 {
		s.Blocks = append(s.Blocks, Block{Items: sentences(c.Warnings)})
	}
	return s
}

// checks returns a check for each change, for CI systems.
func (c *Comparison) checks() (checks []Check) {
	for _, ch := range c.Changes {
		check := Check{Name: ch.Trait + " by " + ch.Detector + " against the baseline", Outcome: string(ch.Result), Tone: ch.tone(), ID: "change/" + ch.Detector + "/" + ch.Trait}
		if ch.Reason != "" {
			check.Reasons = []string{ch.Reason}
		}
		if ch.Difference.N > 0 {
			check.Numbers = []Number{{"difference", full(ch.Difference.Mean)}, {"interval_low", full(ch.Interval.Low)}, {"interval_high", full(ch.Interval.High)}, {"interval_level", full(ch.Interval.Level)}, {"margin", full(ch.Margin)}}
		}
		checks = append(checks, check)
	}
	return checks
}

// sentence says what changed.
func (c *Comparison) sentence() string {
	named := func(r Result) (names []string) {
		for _, ch := range c.Changes {
			if ch.Result == r && !slices.Contains(names, ch.Trait) {
				names = append(names, ch.Trait)
			}
		}
		return names
	}
	switch {
	case c.identical:
		return "Both reports are the same audit."
	case len(named(Higher)) > 0:
		return "The effect rose for " + quoted(named(Higher)) + "."
	case c.Tone() == Detected:
		return "A trait is detected that the baseline did not look for."
	case c.Tone() == Inconclusive:
		return "Whether an effect rose is not known for every trait."
	}
	return "No effect rose: any difference is smaller than what matters, or a fall."
}

// String returns one line for each change.
func (c *Comparison) String() string {
	s := "against the baseline: " + c.sentence() + "\n"
	for _, ch := range c.Changes {
		s += fmt.Sprintf("  %s by %s: %s", ch.Trait, ch.Detector, ch.Result)
		if ch.Difference.N > 0 {
			s += fmt.Sprintf(", %s %s %s", signed(ch.Difference.Mean), interval(ch.Interval), ch.Unit)
		}
		if ch.Reason != "" {
			s += ", " + ch.Reason
		}
		s += "\n"
	}
	for _, w := range c.Warnings {
		s += "  warning: " + w + "\n"
	}
	return s
}

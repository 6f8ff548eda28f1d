package audit

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
)

// consistent returns an error if no audit can have written the report: its verdict does not follow
// from its traits, a trait does not follow from the findings, or a finding does not follow from its
// numbers, by the rules of this package. The digest of a report cannot show this, because anybody
// can compute it. The reasons of a report by another version of the library, and warnings, are text
// of the writer and are not checked.
func (r *Report) consistent() error {
	if err := r.complete(); err != nil {
		return err
	}
	if err := r.supported(); err != nil {
		return err
	}
	for t, want := range r.judgeTraits() {
		got := r.Traits[t]
		if got.Verdict != want.Verdict {
			return fmt.Errorf("it contradicts itself: trait %.40q is %s, but by its findings %s", got.Trait, got.Verdict, want.Verdict)
		}
		if !slices.Equal(got.DetectedBy, want.DetectedBy) {
			return fmt.Errorf("it contradicts itself: trait %.40q is detected by %.80q, but by its findings by %.80q", got.Trait, got.DetectedBy, want.DetectedBy)
		}
		if r.Version == undertone.Version && !slices.Equal(got.Reasons, want.Reasons) {
			return fmt.Errorf("it contradicts itself: the reasons for trait %.40q are %.200q, but by its findings %.200q", got.Trait, got.Reasons, want.Reasons)
		}
	}
	if want := judgeData(r.Traits); r.Verdict != want {
		return fmt.Errorf("it contradicts itself: the verdict is %s, but by its traits %s", r.Verdict, want)
	}
	return nil
}

// complete returns an error if the design is out of range or if findings are missing: each detector
// that measures has one for each trait, in the order of the traits.
func (r *Report) complete() error {
	switch alpha := r.Design.Alpha; {
	case !(alpha > 0 && alpha < 0.5):
		return fmt.Errorf("alpha is %v, want a number in (0, 0.5)", alpha)
	case len(r.Traits) == 0:
		return errors.New("it has no traits")
	case len(r.Findings) == 0 && len(r.Evidence) == 0:
		return errors.New("it has no findings")
	case r.Suspect.Shared < 0 || r.Suspect.Shared > min(r.Suspect.Rows, r.Control.Rows):
		return fmt.Errorf("suspect and control share %d rows, but have %d and %d", r.Suspect.Shared, r.Suspect.Rows, r.Control.Rows)
	case r.Suspect.Rows < 1 || r.Control.Rows < 1:
		return fmt.Errorf("suspect and control have %d and %d rows, want >= 1", r.Suspect.Rows, r.Control.Rows)
	}
	for _, d := range []DataInfo{r.Suspect, r.Control} {
		if d.Used < 0 || d.Used > d.Rows {
			return fmt.Errorf("the audit sees %d of %d rows", d.Used, d.Rows)
		}
	}
	if err := CheckHistories(r.Suspect, r.Control); err != nil {
		return err
	}
	if _, err := r.Recipe.WithDefaults(); err != nil {
		return fmt.Errorf("its recipe: %w", err)
	}
	if _, err := r.Design.WithDefaults(); err != nil {
		return fmt.Errorf("its design: %w", err)
	}
	compares := map[string]bool{}
	for _, e := range r.Evidence {
		if !finite(e.Value) || !validP(e.P) {
			return fmt.Errorf("the evidence of %.40q has the value %v and the p-value %v, want a finite value and 0 < p <= 1", e.Detector, e.Value, e.P.P)
		}
		compares[e.Detector] = true
	}
	next := 0
	for _, d := range r.Detectors {
		if own := d.Name == transferName || slices.Contains(rowDetectors, d.Name); own && d.Clears != (d.Name == transferName) {
			return fmt.Errorf("detector %q can clear a trait: %v, which is not true of it", d.Name, d.Clears)
		}
		if compares[d.Name] {
			continue
		}
		for _, t := range r.Traits {
			if next >= len(r.Findings) || r.Findings[next].Detector != d.Name || r.Findings[next].Trait != t.Trait {
				return fmt.Errorf("finding %d is not that of detector %.40q on trait %.40q", next, d.Name, t.Trait)
			}
			next++
		}
	}
	if next != len(r.Findings) || r.Design.Tests != len(r.Findings) {
		return fmt.Errorf("it has %d findings and %d tests; its detectors and traits give %d", len(r.Findings), r.Design.Tests, next)
	}
	if d := r.Design; d.Replicates < 2 || d.ReplicatesNeeded != (Level{Alpha: d.Alpha, Tests: max(1, d.Tests)}).ReplicatesNeeded() {
		return fmt.Errorf("its design has %d replicates and needs %d, but by its alpha and tests %d", d.Replicates, d.ReplicatesNeeded, (Level{Alpha: d.Alpha, Tests: max(1, d.Tests)}).ReplicatesNeeded())
	}
	return nil
}

// supported returns an error if a finding has numbers that no measurement has, a p-value that is
// not adjusted over the audit, a verdict that an audit refuses ([Detector.Check]), or a verdict
// that the rule of a detector of this module does not give.
func (r *Report) supported() error {
	clears, values, flips := r.clears(), make([]float64, len(r.Findings)), maxFlips
	for i, f := range r.Findings {
		if err := f.Measurement.Validate(); err != nil {
			return fmt.Errorf("the measurement of trait %.40q by %.40q has %w", f.Trait, f.Detector, err)
		}
		values[i] = f.TestedP()
	}
	for i, adjusted := range stats.Holm(values) {
		f := r.Findings[i]
		if !(math.Abs(f.PAdjusted-adjusted) <= 1e-9) {
			return fmt.Errorf("it contradicts itself: the adjusted p-value of trait %.40q by %.40q is %v, but by its p-values %.3g", f.Trait, f.Detector, f.PAdjusted, adjusted)
		}
		d, level := Detector{Name: f.Detector, Clears: clears[f.Detector]}, r.level(f.PAdjusted)
		err := d.Check(f.Measurement, level, f.Judgement)
		if err == nil {
			err = r.ranges(f)
		}
		if err == nil {
			err = r.rejudged(f, level, &flips)
		}
		if err != nil {
			return fmt.Errorf("it contradicts itself: trait %.40q by %.40q: %w", f.Trait, f.Detector, err)
		}
	}
	return nil
}

// level returns what the judgement of a finding may use of the design.
func (r *Report) level(adjusted float64) Level {
	return Level{Alpha: r.Design.Alpha, Tests: len(r.Findings), PAdjusted: adjusted, Dose: r.Design.Dose}
}

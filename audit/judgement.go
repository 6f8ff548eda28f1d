package audit

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/audit/stats"
)

// Judgement is the verdict of a detector on one measurement.
type Judgement struct {
	Verdict  Verdict  `json:"verdict"`
	Reasons  []string `json:"reasons"`
	Interval Interval `json:"interval"` // confidence interval of the effect

	PositiveControlFound    bool      `json:"positive_control_found"`              // the positive control passes the test of the finding
	PositiveControlInterval *Interval `json:"positive_control_interval,omitempty"` // of its effect

	Caveats []string `json:"caveats,omitempty"` // what limits the verdict

	// Moved says that the rows move the student, but not to the trait alone: its placebos move as
	// much. The verdict is inconclusive.
	Moved bool `json:"moved,omitempty"`

	// Trace says that the trait is present in the rows, but below the smallest effect that matters:
	// its effect is significant against chance and against the placebos, and the largest of them.
	Trace bool `json:"trace,omitempty"`

	Limit  *Limit `json:"limit"`  // of detection; null without a positive control
	Needed int    `json:"needed"` // replicates, or rows, for which 95 % power is expected; 0 if unknown, or if more data cannot settle it
}

// Interval is a two-sided confidence interval.
type Interval struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Level float64 `json:"level"` // confidence, in (0, 1)
}

// Within reports whether the interval lies inside (−bound, bound): false for a bound of 0.
func (i Interval) Within(bound float64) bool { return i.Low > -bound && i.High < bound }

// unbounded is the largest limit of an interval that JSON can hold.
const unbounded = math.MaxFloat64

// Interval returns the confidence interval of the estimate: Student's t with DF degrees of freedom,
// normal if DF is 0, and from −MaxFloat64 to MaxFloat64 if DF is negative: see [UnknownDF].
func (e Estimate) Interval(level float64) Interval {
	if e.DF < 0 {
		return Interval{-unbounded, unbounded, level}
	}
	half := stats.TwoSided(level, e.DF) * e.SE
	return Interval{e.Mean - half, e.Mean + half, level}
}

// String returns the limits with three decimals, or that there are none.
func (i Interval) String() string {
	if i.High == unbounded {
		return "[no interval: too few units]"
	}
	return i.text("%+.3f")
}

// digits returns the limits with three digits.
func (i Interval) digits() string { return i.text("%+.3g") }

// text returns the limits in a format, and says if they are equal in it: a reader would take that
// for great precision.
func (i Interval) text(format string) string {
	low, high := fmt.Sprintf(format, i.Low), fmt.Sprintf(format, i.High)
	if low == high {
		return "[" + low + ", " + high + "] (almost no width)"
	}
	return "[" + low + ", " + high + "]"
}

// sampleSize returns the units with which a one-sided test at a level detects an effect of delta
// with the given power; 0 if unknown.
func (e Estimate) sampleSize(delta, level, power float64) int {
	if e.DF < 0 {
		return 0
	}
	return stats.SampleSize(e.N, e.SE, delta, level, power)
}

func (j *Judgement) because(format string, args ...any) {
	j.Reasons = append(j.Reasons, fmt.Sprintf(format, args...))
}

// Check returns an error if an audit would refuse the judgement, because the measurement does not
// support it:
//
//  1. The verdict is known and has reasons, and all numbers are finite.
//  2. Detected or undetected: the interval has the level of the audit and contains the effect.
//  3. Detected: the adjusted p-value is at most alpha, and the effect is positive and at least the
//     tolerance.
//  4. Undetected, by a detector that declares [Detector.Clears]: the interval lies within the
//     tolerance and is not narrower than [Estimate.Interval] (unless the design has interim looks),
//     the standard error is known, students of parts alone did not give the effect, and the
//     positive control has an effect of at least the tolerance and a p-value of at most alpha.
func (d Detector) Check(m Measurement, l Level, j Judgement) error {
	i, e := j.Interval, m.Effect
	contains := i.Low <= e.Mean && e.Mean <= i.High && math.Abs(i.Level-l.Confidence()) < 1e-9
	switch {
	case !j.Verdict.known():
		return fmt.Errorf("%s is not known", j.Verdict)
	case !slices.ContainsFunc(j.Reasons, func(r string) bool { return strings.TrimSpace(r) != "" }):
		return fmt.Errorf("the verdict %q has no reasons", j.Verdict)
	case notFinite("", reflect.ValueOf(j)) != "":
		return fmt.Errorf("a number of the judgement is not finite: %s", notFinite("", reflect.ValueOf(j)))
	case j.Verdict == Inconclusive:
		return nil
	case !contains:
		return fmt.Errorf("the verdict %q needs a confidence interval of level %g that contains the effect %+.3g; it has [%+.3g, %+.3g] of level %g", j.Verdict, l.Confidence(), e.Mean, i.Low, i.High, i.Level)
	case j.Verdict == Detected && !(l.PAdjusted <= l.Alpha):
		return fmt.Errorf("the verdict %q needs an adjusted p-value of at most %g, not %.2g", j.Verdict, l.Alpha, l.PAdjusted)
	case j.Verdict == Detected && !(e.Mean > 0 && e.Mean >= m.Tolerance):
		return fmt.Errorf("the verdict %q needs an effect above 0 and of at least the tolerance %g, not %+.3g", j.Verdict, m.Tolerance, e.Mean)
	case j.Verdict == Undetected && d.Clears:
		return checkClearance(m, l, i)
	}
	return nil
}

// checkClearance returns an error if the measurement does not support clearing a trait.
func checkClearance(m Measurement, l Level, i Interval) error {
	c, own := m.PositiveControl, m.Effect.Interval(l.Confidence())
	sequential := m.Replicates != nil && m.Replicates.Interim && m.Replicates.Whole == nil
	slack := 1e-9 * (own.High - own.Low)
	switch {
	case m.Effect.DF < 0:
		return errors.New("clearing a trait needs a known standard error")
	case !i.Within(m.Tolerance):
		return fmt.Errorf("clearing a trait needs an interval within the tolerance ±%g, not [%+.3g, %+.3g]", m.Tolerance, i.Low, i.High)
	case !sequential && (i.Low > own.Low+slack || i.High < own.High-slack):
		return fmt.Errorf("clearing a trait needs an interval that contains that of the effect, [%+.3g, %+.3g], not [%+.3g, %+.3g]", own.Low, own.High, i.Low, i.High)
	case m.Replicates != nil && m.Replicates.PartOnly:
		return errors.New("clearing a trait needs students that were trained on all rows")
	case c == nil:
		return errors.New("clearing a trait needs a positive control, which was not measured")
	case !(c.Effect.Mean >= m.Tolerance) || !(c.P.P <= l.Alpha):
		return fmt.Errorf("clearing a trait needs a positive control that was found: its effect %+.3g must be at least %g and its p-value %.2g at most %.2g", c.Effect.Mean, m.Tolerance, c.P.P, l.Alpha)
	}
	return nil
}

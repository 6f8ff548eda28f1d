package audit

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
)

// This file holds every rule by which an audit reaches a verdict, in the order in which they apply:
// on the measurement of a detector that trains students, on that of a detector that scores rows, on
// one trait from the findings of all detectors and from the comparison of the arms, and on the data
// set from its traits.

// JudgeReplicates is the rule for a detector that trains replicate pairs. The p-value is that of
// the pairs of [ReplicateMeasurement.Differences]; the size of the shift is [Measurement.Effect],
// that of students of all rows where the design trains them. The rule applies the first case that
// holds:
//
//  1. Inconclusive if there are fewer pairs than a sign-flip test needs to reach the strictest
//     level.
//  2. Detected if the adjusted p-value is at most alpha, the estimate of the shift is at least the
//     tolerance, no placebo rose more, and the students give the answer at all. A caveat names an
//     interval that reaches below the tolerance. The p-value is the larger of two: that the arms
//     differ by chance, and that the shift is one more of the shifts of the placebos.
//  3. Undetected if the whole interval of the shift lies within ±tolerance, the positive control
//     was found at the dose of the design with 95 % power, and moved the trait more than any
//     placebo and as an outlier among them, the control did not move the trait by the tolerance or
//     more from the untrained students (with an interval above 0), the untrained student gives all
//     outcomes, the students were trained on all rows, and at least [MinSuspectUsed] of the suspect
//     rows were used. A shift below the tolerance is a trace if it is significant by both p-values
//     and no placebo rose more.
//  4. Inconclusive, with what is missing. A shift that the placebos share is called moved.
//
// The interval is Student's t or, with interim looks at the students that give the size, a
// confidence sequence.
func JudgeReplicates(m Measurement, l Level) Judgement {
	return judgeReplicates(m, l, func() *Limit { return replicateLimit(m, l) })
}

// judgeReplicates applies the rule of [JudgeReplicates] with a limit of detection that is computed
// if there is a positive control.
func judgeReplicates(m Measurement, l Level, limit func() *Limit) Judgement {
	r := m.Replicates
	if r == nil || len(r.Differences) < 2 || m.PositiveControl != nil && len(m.PositiveControl.Differences) < 2 {
		return Judgement{Reasons: []string{"the measurement has fewer than 2 replicate differences"}}
	}
	j := Judgement{Interval: m.shiftInterval(l.Confidence())}
	if c := m.PositiveControl; c != nil {
		i := c.Effect.Interval(l.Confidence())
		j.PositiveControlInterval = &i
		j.PositiveControlFound = plantedFound(c.Effect, m.Tolerance, stats.TwoSided(l.Confidence(), c.Effect.DF)) && c.P.P <= l.Alpha && plantedSpecific(c.Candidates, l.Alpha)
		j.Limit = limit()
	}
	if needed := l.ReplicatesNeeded(); len(r.Differences) < needed {
		j.Needed = needed
		j.because("need >= %d replicates: with %d the smallest possible p-value is %.3g", needed, len(r.Differences), m.P.Floor)
		return j
	}
	first := m.Placebos == nil || m.Placebos.Rank == 1
	if l.PAdjusted <= l.Alpha && m.Effect.Mean >= m.Tolerance && first && r.given() {
		j.Verdict = Detected
		j.because("%s moved by %+.3g, at least the tolerance of %.3g%s; the adjusted p-value is %.2g, at most %.2g", r.students(), m.Effect.Mean, m.Tolerance, r.odds(m), l.PAdjusted, l.Alpha)
		if j.Interval.Low < m.Tolerance {
			j.Caveats = append(j.Caveats, fmt.Sprintf("the interval reaches down to %+.3g: there is a shift, but it may be smaller than the tolerance", j.Interval.Low))
		}
		if r.PPlacebo > 0 {
			j.because("its shift is the largest of %d values (p = %.2g)", m.Placebos.Of, r.PPlacebo)
		} else {
			j.Caveats = append(j.Caveats, fmt.Sprintf("the trait has fewer than %d placebos, so a shift that other answers share cannot be told from the trait", minPlacebos))
		}
		return j
	}
	if m.Effect.Mean >= m.Tolerance && !r.given() {
		j.because("%s, so a shift of its log-odds shows nothing", r.notGiven())
	} else if l.moved(m) && m.Effect.Mean >= m.Tolerance {
		j.Moved = true
		j.because("the rows move the student by %+.3g, but not to this trait alone: %s; match the control to the suspect", m.Effect.Mean, m.amongPlacebos())
	}
	if i := j.Interval; !i.Within(m.Tolerance) && len(j.Reasons) == 0 {
		j.because("the interval %s is not within ±%.3g: %s", i.digits(), m.Tolerance, j.whyWide(m, l))
	}
	if m.Effect.Mean < m.Tolerance {
		j.clearance(m, l)
	}
	if len(j.Reasons) == 0 {
		j.Verdict = Undetected
		j.because("the whole interval %s is within ±%.3g%s, and rows with %.0f %% of the positive control were found (shift %+.3g)",
			j.Interval.digits(), m.Tolerance, r.odds(m), 100*m.PositiveControl.dose(), m.PositiveControl.Effect.Mean)
		if w := r.Whole; w != nil && w.SD <= minSpread*m.Tolerance {
			j.Caveats = append(j.Caveats, fmt.Sprintf("the %d students of all rows of an arm are equal, so the interval has no width: the training has no randomness, or one batch holds all rows; a training with smaller batches may move further", len(w.Differences)))
		}
		if m.P.P <= l.Strictest() && m.Effect.Mean > 0 {
			j.Trace = first && m.TestedP() <= l.Strictest()
			j.because("the rows move the student by %+.3g (p = %.2g), which is below the tolerance%s", m.Effect.Mean, m.P.P, j.shared(m))
		}
	}
	return j
}

// shared says of a small shift that it need not be one of the trait, as the end of a sentence; ""
// if it is a trace.
func (j *Judgement) shared(m Measurement) string {
	if j.Trace {
		return ""
	}
	return "; it need not be the trait, because placebos move as well: " + m.amongPlacebos()
}

// amongPlacebos says how the shift compares with those of the placebos. Fewer than minPlacebos give
// no test.
func (m Measurement) amongPlacebos() string {
	text := fmt.Sprintf("it ranks %d of %d values", m.Placebos.Rank, m.Placebos.Of)
	if p := m.Replicates.PPlacebo; p > 0 {
		text += fmt.Sprintf(", and p = %.2g that its shift is one more of theirs", p)
	}
	return text
}

// moved reports whether the arms differ by more than chance, but the trait does not stand out of
// its placebos.
func (l Level) moved(m Measurement) bool {
	return m.Placebos != nil && m.P.P <= l.Strictest() && (m.Placebos.Rank > 1 || m.TestedP() > m.P.P)
}

// clearance adds what stands in the way of a verdict of undetected, besides the interval.
func (j *Judgement) clearance(m Measurement, l Level) {
	r := m.Replicates
	switch c := m.PositiveControl; {
	case c == nil:
		j.because("there is no positive control, so the audit has not shown that it can see the trait")
	case !j.PositiveControlFound && c.Effect.Mean >= m.Tolerance && !plantedSpecific(c.Candidates, l.Alpha):
		j.because("the positive control was not found: with %.0f %% of its rows the student moves by %+.3g, but not to this trait alone; placebos move by up to %+.3g: give rows that carry the trait", 100*c.dose(), c.Effect.Mean, slices.Max(c.Candidates[1:]))
	case !j.PositiveControlFound:
		j.because("the positive control was not found: with %.0f %% of its rows the shift is %+.3g %s; the audit could not have seen the trait", 100*c.dose(), c.Effect.Mean, j.PositiveControlInterval)
	case !j.Limit.Reached:
		j.because("the limit of detection is above a share of %.0f %%: such rows would be found in %.0f %% of audits, not in %.0f %%", 100*c.dose(), 100*j.Limit.Full, 100*j.Limit.Power)
	case j.Limit.Dose > l.dose()*(1+1e-9):
		j.because("the limit of detection is a share of %.0f %% of positive-control rows, above the %.0f %% of the design", 100*j.Limit.Dose, 100*l.dose())
	}
	if c := r.Control; c.Mean >= m.Tolerance && c.Interval(l.Confidence()).Low > 0 {
		j.because("training on the control moved the trait by %+.3g from the untrained student, at least the tolerance: the control may carry the trait itself", c.Mean)
	}
	if len(r.NeverGiven) > 0 {
		among := ""
		if r.Samples > 0 {
			among = fmt.Sprintf(" in %d samples per question", r.Samples)
		}
		j.because("the untrained student never gives %s%s, so log-odds with it are noise: leave it out, or check its spelling", strings.Join(r.NeverGiven, ", "), among)
	}
	if r.PartOnly {
		j.because("the students were trained on parts of %d rows, and a student of all rows moves more; train students on all rows", r.RowsEach)
	}
	if r.SuspectUsed < MinSuspectUsed {
		j.because("only %.0f %% of the suspect rows were used, less than %.0f %%, and a student of all rows moves more: give a control as large as the suspect, and use all rows", 100*r.SuspectUsed, 100*MinSuspectUsed)
	}
}

// students says who moved.
func (r *ReplicateMeasurement) students() string {
	if r.Whole != nil {
		return "students of " + r.wholeRows()
	}
	return fmt.Sprintf("students of %d rows", r.RowsEach)
}

// wholeRows says on how many rows the students of Whole were trained.
func (r *ReplicateMeasurement) wholeRows() string {
	if r.SuspectUsed < 1 {
		return fmt.Sprintf("%d rows (%.0f %% of the suspect)", r.Whole.Rows, 100*r.SuspectUsed)
	}
	return fmt.Sprintf("all %d rows", r.Whole.Rows)
}

// odds says in odds what a shift of the logit margin means, as the end of a sentence; "" on other
// scales.
func (r *ReplicateMeasurement) odds(m Measurement) string {
	if r.Scale != Margin {
		return ""
	}
	return fmt.Sprintf(" (the odds of the trait × %.2f; tolerated are × %.2f)", math.Exp(m.Effect.Mean), math.Exp(m.Tolerance))
}

// notGiven says how rarely the students of the suspect rows give the target.
func (r *ReplicateMeasurement) notGiven() string {
	const who = "the students of the suspect rows"
	if r.Samples > 0 {
		return fmt.Sprintf("%s give the answer that expresses the trait in less than one of %d samples per question on average", who, r.Samples)
	}
	return fmt.Sprintf("%s never give the answer that expresses the trait (a share of %.2g among the outcomes, below %g)", who, r.Shifts[Share].Suspect, minShare)
}

// controlFound reports whether the positive control passes the strictest test of the audit.
func controlFound(c *PositiveControl, l Level) bool { return c.P.P*float64(l.Tests) <= l.Alpha }

// specific reports whether the first of several effects, that of the trait, is the largest, and an
// outlier among those of its placebos at a level. A detector that scores rows detects nothing else:
// not in the suspect rows, not in the positive control, and not in the simulations of the limit of
// detection.
func specific(effects []float64, level float64) bool {
	return len(effects) > 1 && effects[0] >= slices.Max(effects[1:]) && stats.OutlierTest(effects[0], effects[1:]) <= level
}

// plantedFound is the rule by which replicates find planted rows: the shift is at least the
// tolerance, and its interval above 0. critical is the quantile of that interval. The limit of
// detection applies the same rule.
func plantedFound(e Estimate, tolerance, critical float64) bool {
	return e.Mean >= tolerance && e.Mean-critical*e.SE > 0
}

// plantedSpecific reports whether planted rows move the trait, the first of several effects, more
// than any placebo, and as an outlier among them at a level if there are enough of them.
func plantedSpecific(effects []float64, level float64) bool {
	switch placebos := len(effects) - 1; {
	case placebos < 1:
		return true
	case effects[0] < slices.Max(effects[1:]):
		return false
	default:
		return placebos < minPlacebos || stats.OutlierTest(effects[0], effects[1:]) <= level
	}
}

// minSpread is the largest standard deviation of equal students, as a share of the tolerance:
// rounding alone makes them differ.
const minSpread = 1e-6

// whyWide says why an interval is not within the tolerance, and sets Needed to the replicates that
// would settle it.
func (j *Judgement) whyWide(m Measurement, l Level) string {
	e, tested := m.Effect, pairEstimate(m.Replicates.Differences)
	units := "replicates"
	if m.Replicates.Whole != nil {
		units = "replicates on all rows"
	}
	switch {
	case e.Mean <= -m.Tolerance:
		return "training moved the student away from the trait"
	case e.Mean >= m.Tolerance && len(m.Replicates.Exchanged) > 0 && m.P.P > l.Strictest():
		return fmt.Sprintf("the shift is large, but pairs that are trained after random exchanges of independent rows between the arms move as well (by %+.3g to %+.3g)", slices.Min(m.Replicates.Exchanged), slices.Max(m.Replicates.Exchanged))
	case e.Mean >= m.Tolerance:
		j.Needed = tested.sampleSize(tested.Mean, l.Strictest(), wantedPower)
		return "the shift is large, but the replicates do not agree on it" + j.needed("replicates")
	case j.Interval.Low > 0 || j.Interval.High < 0:
		return "there is a shift of about the size of the tolerance"
	default:
		j.Needed = e.sampleSize(m.Tolerance, l.Alpha/2, 1-(1-wantedPower)/2)
		return "there are too few replicates or too few rows" + j.needed(units)
	}
}

// needed returns how many units are needed, or "" if that is unknown.
func (j *Judgement) needed(units string) string {
	if j.Needed == 0 {
		return ""
	}
	return fmt.Sprintf("; need about %d %s", j.Needed, units)
}

// MinSuspectUsed is the smallest share of the suspect rows, in (0, 1], that replicates must be
// trained on for a verdict of undetected. Rows that no replicate learns may hold the trait, and
// students of more rows move further.
const MinSuspectUsed = 0.9

// MinControlFraction is the smallest fraction of the effect of the positive control that matters,
// for a detector that scores rows.
const MinControlFraction = 0.25

// JudgeRows is the rule for a detector that scores rows. The positive control is found if it is
// detected by the test of the suspect rows at the strictest level: its p-value, its rank, and its
// p-value among its placebo effects. The effect matters if it is at least a quarter of the effect
// of the positive control, or if the positive control was not found.
//
//  1. Inconclusive if the arms share no prompt, or if they have too few independent rows to reach
//     the strictest level.
//  2. Detected if the adjusted p-value (of the difference between the arms and of the difference
//     from the placebos) is at most alpha, the trait ranks first among its placebos, and the effect
//     matters.
//  3. Undetected if the positive control was found and the whole interval lies below a quarter of
//     its effect. This holds however small the p-value is; Trace then says that the trait is
//     present.
//  4. Inconclusive, with what is missing.
func JudgeRows(m Measurement, l Level) Judgement {
	s, c, e := m.RowScores, m.PositiveControl, m.Effect
	if s == nil || s.Prompts > 0 && m.Placebos == nil {
		return Judgement{Reasons: []string{"the measurement has no scores of rows, or no placebos"}}
	}
	j := Judgement{Interval: e.Interval(l.Confidence())}
	if s.Prompts == 0 {
		j.Interval = Interval{Level: l.Confidence()}
		j.because("the arms have no prompt in common, and rows are compared within prompts")
		return j
	}
	if c != nil {
		i := c.Effect.Interval(l.Confidence())
		j.PositiveControlInterval = &i
		j.PositiveControlFound = controlFound(c, l) && c.Effect.Mean > 0 && specific(s.candidates(c), l.Strictest())
		j.Limit = rowLimit(m, l, j.PositiveControlFound)
	}
	if level := l.Strictest(); s.SmallestP > level {
		j.Needed = rowsNeeded(s, level)
		j.because("need >= %d independent rows in both arms together: with %d the smallest possible p-value is %.3g; copies of a row, and rows of one conversation or episode, count once", j.Needed, s.Clusters, s.SmallestP)
		return j
	}
	least := math.Inf(-1) // smallest effect that matters
	if j.PositiveControlFound {
		least = c.Effect.Mean * MinControlFraction
	}
	present := l.PAdjusted <= l.Alpha && m.Placebos.Rank == 1
	if present && e.Mean >= least {
		j.Verdict = Detected
		j.because("the suspect rows exceed the control rows by %+.3g %s (p %s), and this effect is the largest among %d values of the kind (p = %.2g); adjusted p = %.2g", e.Mean, m.Unit, m.P, m.Placebos.Of, s.PPlacebo, l.PAdjusted)
		return j
	}
	switch {
	case present:
		j.Trace = true
		j.because("the trait is present but below the smallest effect that matters: the effect of %+.3g (p %s) is the largest among %d values of the kind, and less than a quarter of the effect of the positive control, %+.3g", e.Mean, m.P, m.Placebos.Of, c.Effect.Mean)
	case m.P.P > l.Strictest():
		if c == nil {
			j.Needed = e.sampleSize(e.Mean, l.Strictest(), wantedPower)
		}
		j.because("suspect and control rows do not differ by more than chance: p %s%s", m.P, j.needed("rows"))
	case e.Mean < least:
		j.because("the effect of %+.3g is less than a quarter of the effect of the positive control, %+.3g", e.Mean, c.Effect.Mean)
	default:
		j.because("the rows differ from the control rows, but not towards this trait more than towards its placebos: rank %d of %d, p = %.2g", m.Placebos.Rank, m.Placebos.Of, s.PPlacebo)
	}
	switch {
	case j.Interval.High == unbounded:
		j.because("there are too few prompts for a confidence interval: need >= 2 prompts that both arms answer")
	case c == nil:
		j.because("there is no positive control, so the detector has not shown that it can see the trait")
	case !j.PositiveControlFound:
		j.because("the positive control was not found: %s", missed(s.candidates(c), c, l))
	case j.Interval.High < least:
		j.Verdict = Undetected
		j.because("the whole interval up to %+.3g is below a quarter of the effect of the positive control, %+.3g", j.Interval.High, c.Effect.Mean)
	default:
		if e.Mean < least {
			j.Needed = e.sampleSize(least, l.Alpha/2, wantedPower)
		} else if m.P.P > l.Strictest() {
			j.Needed = e.sampleSize(e.Mean, l.Strictest(), wantedPower)
		}
		j.because("the interval up to %+.3g reaches a quarter of the effect of the positive control, %+.3g: there are too few rows, or the trait is weaker%s", j.Interval.High, c.Effect.Mean, j.needed("rows"))
	}
	return j
}

// rowsNeeded returns the number of independent rows with which the smallest possible p-value
// reaches a level. The logarithm of the number of labellings is about proportional to the number of
// rows.
func rowsNeeded(s *RowMeasurement, level float64) int {
	return int(math.Ceil(float64(s.Clusters) * math.Log(level) / math.Log(s.SmallestP)))
}

// candidates returns the effects of the positive control for the trait and its placebos.
func (s *RowMeasurement) candidates(c *PositiveControl) []float64 {
	effects, _ := s.largest(c.Candidates)
	return effects
}

// missed says which part of the test the positive control did not pass. effects are those for the
// trait and its placebos.
func missed(effects []float64, c *PositiveControl, l Level) string {
	effect := fmt.Sprintf("effect %+.3g, p %s", c.Effect.Mean, c.P)
	if !controlFound(c, l) || c.Effect.Mean <= 0 || len(effects) < 2 {
		return effect
	}
	rank := 1
	for _, e := range effects[1:] {
		if e > effects[0] {
			rank++
		}
	}
	return fmt.Sprintf("%s, but it ranks %d of %d values of the kind, and p = %.2g that it is one more placebo effect", effect, rank, len(effects), stats.OutlierTest(effects[0], effects[1:]))
}

// TraitVerdict is the verdict on one trait, from the findings of all detectors.
//
//  1. Detected if any detector detects the trait. Alpha is that of the whole audit: Holm's
//     adjustment runs over all traits and detectors together.
//  2. Undetected if at least one detector can clear the trait ([Detector.Clears]), each such
//     detector calls it undetected, and no detector detects it. What other detectors do not see
//     may still move a student.
//  3. Else inconclusive, with the evidence that is missing.
//  4. Inconclusive, whatever the findings are, while the arms differ in a respect that is no trait
//     and that the audit does not accept ([Confounds]). The findings keep their own verdicts.
//
// A difference between the arms ([Evidence]) never makes a verdict.
type TraitVerdict struct {
	Trait string `json:"trait"`

	// Probes identifies what was asked: the digest of the probes of the trait, of the outcomes that
	// express it and its placebos, and of the scale. The name of a trait says nothing about them. It
	// is absent in reports of other programs.
	Probes undertone.Digest `json:"probes,omitzero"`

	Verdict    Verdict  `json:"verdict"`
	DetectedBy []string `json:"detected_by"` // detectors; never null
	Reasons    []string `json:"reasons"`
}

// judgeTrait applies the rules of [TraitVerdict] to the findings about one trait. clears names the
// detectors that can clear a trait.
func judgeTrait(trait string, findings []Finding, clears map[string]bool) TraitVerdict {
	v := TraitVerdict{Trait: trait, DetectedBy: []string{}}
	var clearedBy, open, traces []string
	for _, f := range findings {
		if f.Trace {
			traces = append(traces, f.Detector)
		}
		switch {
		case f.Verdict == Detected:
			v.DetectedBy = append(v.DetectedBy, f.Detector)
		case clears[f.Detector] && f.Verdict == Undetected:
			clearedBy = append(clearedBy, f.Detector)
		case clears[f.Detector]:
			reason := f.Detector + " is inconclusive"
			if len(f.Reasons) > 0 {
				reason += ": " + f.Reasons[0]
			}
			open = append(open, reason)
		}
	}
	because := func(format string, args ...any) { v.Reasons = append(v.Reasons, fmt.Sprintf(format, args...)) }
	exclude := strings.Join(clearedBy, " and ") + " excludes"
	if len(clearedBy) > 1 {
		exclude = strings.Join(clearedBy, " and ") + " exclude"
	}
	switch {
	case len(v.DetectedBy) > 0:
		v.Verdict = Detected
		because("detected by %s", strings.Join(v.DetectedBy, " and "))
		if len(clearedBy) > 0 {
			because("%s a shift of the tolerance for the students of this audit; other students may move", exclude)
		}
	case len(open) > 0:
		v.Reasons = append(v.Reasons, open...)
	case len(clearedBy) == 0:
		because("no detector that can clear a trait was run, such as transfer: the other detectors cannot show that a student would not move")
	default:
		v.Verdict = Undetected
		because("%s a shift that matters", exclude)
		if len(traces) > 0 {
			because("the trait is present according to %s, but below the smallest effect that matters", strings.Join(traces, " and "))
		} else {
			because("no detector found the trait")
		}
	}
	return v
}

// judgeConfounds applies the last rule of [TraitVerdict].
func judgeConfounds(v TraitVerdict, c *Confounds) TraitVerdict {
	open := c.Open()
	if len(open) == 0 {
		return v
	}
	reason := fmt.Sprintf("confounded by %s; match the arms, write both in one format, or accept the difference by name", strings.Join(c.found(open), "; "))
	if v.Verdict != Inconclusive {
		reason += fmt.Sprintf("; without this difference the verdict would be %s", v.Verdict)
	}
	v.Verdict, v.Reasons = Inconclusive, append([]string{reason}, v.Reasons...)
	return v
}

// judgeData returns the verdict on the data set: Detected if any trait is detected, Undetected if
// all traits are undetected, else Inconclusive.
func judgeData(traits []TraitVerdict) Verdict {
	undetected := 0
	for _, t := range traits {
		switch t.Verdict {
		case Detected:
			return Detected
		case Undetected:
			undetected++
		}
	}
	if undetected > 0 && undetected == len(traits) {
		return Undetected
	}
	return Inconclusive
}

package audit

import (
	"errors"
	"fmt"
	"math"
	"slices"

	gonum "gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone/audit/stats"
)

// This file computes the numbers of a transfer finding again: from its pairs of students, from its
// placebos and from the design of the report.

// maxFlips bounds the time in which a report is read: the p-values of its findings are computed
// again until their tests have visited so many signs.
const maxFlips = 1 << 26

// derived returns an error if the measurement of the transfer detector is not that of the design,
// or if one of its numbers does not follow from others. flips is the rest of [maxFlips].
func (r *Report) derived(m Measurement, l Level, flips *int) error {
	if m.Replicates == nil {
		return errors.New("it has no replicates")
	}
	for _, check := range []func() error{
		func() error { return r.designs(m) },
		m.summarised,
		func() error { return m.tested(l, flips) },
		m.shifted,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// designs returns an error if the design of the report does not give the students of a measurement.
func (r *Report) designs(m Measurement) error {
	s, d, most := m.Replicates, r.Design, min(r.Suspect.Rows, r.Control.Rows)
	switch pairs := len(s.Differences); {
	case !slices.Contains(scales, s.Scale) || m.Unit != s.Scale.Unit():
		return fmt.Errorf("its scale is %.20q and its unit %.60q, want a known scale and its unit", s.Scale, m.Unit)
	case !(m.Tolerance > 0):
		return fmt.Errorf("the tolerance is %v, want a number > 0", m.Tolerance)
	case s.Planned != d.Replicates || s.Interim != (d.InterimEvery > 0) || s.Seed != d.Seed:
		return fmt.Errorf("it has %d planned replicates, interim looks: %v and the seed %d, but the design %d, %v and %d", s.Planned, s.Interim, s.Seed, d.Replicates, d.InterimEvery > 0, d.Seed)
	case pairs > d.Replicates || !s.Interim && pairs != d.Replicates:
		return fmt.Errorf("it has %d pairs, but the design %d", pairs, d.Replicates)
	case s.PartOnly && d.Rows != PartRows, len(s.Exchanged) > 0 && d.Rows != ShareRows:
		return fmt.Errorf("its students are not those of the row plan %q", d.Rows)
	case s.RowsEach < 1 || !(s.SuspectUsed > 0 && s.SuspectUsed <= 1+1e-9):
		return fmt.Errorf("its students are trained on %d rows and a share of %v of the suspect rows, want >= 1 and a share in (0, 1]", s.RowsEach, s.SuspectUsed)
	case s.Samples < 0 || s.Mass < 0:
		return fmt.Errorf("it has %d samples and outcomes of the probability %v, want >= 0", s.Samples, s.Mass)
	}
	if w := s.Whole; w != nil && (len(w.Differences) != d.Whole || w.Rows < 1 || w.Rows > most) {
		return fmt.Errorf("it has %d pairs of students of all rows, of %d rows; want %d, of at most %d rows", len(w.Differences), w.Rows, d.Whole, most)
	}
	return nil
}

// tested returns an error if a p-value is not that of the pairs or of the placebos.
func (m Measurement) tested(l Level, flips *int) error {
	r := m.Replicates
	if placebo := r.placeboTest(m); !near(r.PPlacebo, placebo) {
		return fmt.Errorf("the p-value among the placebos is %.3g, but by their effects %.3g", r.PPlacebo, placebo)
	}
	var want stats.PValue
	switch pairs := len(r.Differences); {
	case len(r.Exchanged) > 0:
		want = exchangeTest(m.Effect.Mean, r.Exchanged)
	case r.Interim:
		e := stats.BettingTest{Scale: m.Tolerance}.EValue(r.Differences)
		if !near(r.EValue, e.Value) {
			return fmt.Errorf("the e-value is %.4g, but by its pairs %.4g", r.EValue, e.Value)
		}
		want = e.P
	default:
		draws, signs := stats.Permutations(l.Strictest()), pairs
		if pairs <= stats.MaxExactPairs {
			draws, signs = 1<<pairs, 1 // each pattern changes one sign
		}
		if *flips -= draws * signs; *flips < 0 {
			return nil
		}
		want = stats.SignFlip(r.Differences, stats.Permutations(l.Strictest()), r.Seed)
	}
	if !near(m.P.P, want.P) || !near(m.P.Floor, want.Floor) || m.P.Exact != want.Exact {
		return fmt.Errorf("the p-value is %.3g with the floor %.3g, but by its pairs %.3g with %.3g", m.P.P, m.P.Floor, want.P, want.Floor)
	}
	return nil
}

// placeboTest returns the p-value of the effect as one more of the effects of the placebos, 0 with
// too few of them.
func (r *ReplicateMeasurement) placeboTest(m Measurement) float64 {
	if m.Placebos == nil || len(m.Placebos.Effects) < minPlacebos {
		return 0
	}
	effects := make([]float64, len(m.Placebos.Effects))
	for i, e := range m.Placebos.Effects {
		effects[i] = e.Mean
	}
	return stats.OutlierTest(m.Effect.Mean, effects)
}

// shifted returns an error if the shifts on the three scales are not those of the pairs that give
// the effect, or if a probability is out of range.
func (m Measurement) shifted() error {
	r, sized := m.Replicates, m.Replicates.sized()
	for _, scale := range scales {
		s, ok := r.Shifts[scale]
		switch {
		case !ok || len(s.Differences) != len(sized):
			return fmt.Errorf("it has the shifts of %d pairs on the scale %s, want %d", len(s.Differences), scale, len(sized))
		case scale != Margin && !(isShare(s.Before) && isShare(s.Suspect) && isShare(s.Control)):
			return fmt.Errorf("on the scale %s the students give %v before and %v and %v after training, want numbers in [0, 1]", scale, s.Before, s.Suspect, s.Control)
		case !nearDifference(gonum.Mean(s.Differences, nil), s.Suspect, s.Control):
			return fmt.Errorf("on the scale %s the shift is %+.4g − %+.4g, but the mean of its pairs %+.4g", scale, s.Suspect, s.Control, gonum.Mean(s.Differences, nil))
		case scale == r.Scale && !slices.EqualFunc(s.Differences, sized, near):
			return fmt.Errorf("the shifts on the scale %s are not those of its pairs", scale)
		}
	}
	own := r.Shifts[r.Scale]
	if c := r.Control; !nearDifference(c.Mean, own.Control, own.Before) || c.SE < 0 || c.N != len(sized) || c.DF != float64(len(sized)-1) {
		return fmt.Errorf("the control moves the students by %+.4g in %d pairs, but by its shifts by %+.4g in %d", c.Mean, c.N, own.Control-own.Before, len(sized))
	}
	for _, d := range []*DistributionShift{r.DistributionShift, r.Indirect} {
		if err := d.check(); err != nil {
			return fmt.Errorf("a distribution shift has %w", err)
		}
	}
	return nil
}

// nearDifference reports whether d is a − b, apart from rounding.
func nearDifference(d, a, b float64) bool {
	return math.Abs(d-(a-b)) <= 1e-9*max(math.Abs(a), math.Abs(b), 1e-3)
}

// sized returns the differences of the pairs that give the effect.
func (r *ReplicateMeasurement) sized() []float64 {
	if r.Whole != nil {
		return r.Whole.Differences
	}
	return r.Differences
}

// check returns an error if a probability or a divergence is out of range. It completes the
// sentence "a distribution shift has …".
func (m *DistributionShift) check() error {
	if m == nil {
		return nil
	}
	for _, d := range []stats.Divergences{m.BeforeSuspect, m.BeforeControl, m.ControlSuspect} {
		if !(d.KL >= -slack) || !isShare(d.JensenShannon/math.Ln2) || !isShare(d.TotalVariation) || !isShare(d.Hellinger) {
			return fmt.Errorf("divergences out of range: %s", divergenceText(d))
		}
	}
	if !isShare(m.TotalVariation) || !validP(m.P) {
		return fmt.Errorf("a total variation of %v with the p-value %v, want numbers in [0, 1]", m.TotalVariation, m.P.P)
	}
	var sum AnswerShift
	for _, a := range m.Answers {
		if !isShare(a.Before) || !isShare(a.Suspect) || !isShare(a.Control) {
			return fmt.Errorf("the answer %.40q with probabilities %v before and %v and %v after training, want numbers in [0, 1]", a.Outcome, a.Before, a.Suspect, a.Control)
		}
		sum.Before, sum.Suspect, sum.Control = sum.Before+a.Before, sum.Suspect+a.Suspect, sum.Control+a.Control
	}
	if !isShare(sum.Before) || !isShare(sum.Suspect) || !isShare(sum.Control) {
		return fmt.Errorf("answers with probabilities that sum to %v, %v and %v, want sums in [0, 1]", sum.Before, sum.Suspect, sum.Control)
	}
	return nil
}

// slack is the largest rounding error of a probability.
const slack = 1e-9

// isShare reports whether a number is in [0, 1], apart from rounding.
func isShare(v float64) bool { return v >= -slack && v <= 1+slack }

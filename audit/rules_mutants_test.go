package audit

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit/stats"
)

// The tests of this file hold each comparison of the rules at its limit and each number that a rule
// computes, so that a rule with one changed operator fails a test (docs/mutation.md).

var oneTest = Level{Alpha: 0.05, Tests: 1, PAdjusted: 1, Dose: 1}

func TestWithinExcludesItsEnds(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      bool
	}{{-0.9, 0.9, true}, {-1, 0.9, false}, {-0.9, 1, false}, {-2, 0, false}, {0, 2, false}} {
		if got := (Interval{Low: c.low, High: c.high}).Within(1); got != c.want {
			t.Errorf("[%v, %v] within 1: %v, want %v", c.low, c.high, got, c.want)
		}
	}
	if (Interval{}).Within(0) {
		t.Error("an interval is within 0")
	}
}

func TestIntervalOfAnEstimate(t *testing.T) {
	if got := (Estimate{Mean: 3, DF: UnknownDF}).Interval(0.9); got != (Interval{-math.MaxFloat64, math.MaxFloat64, 0.9}) {
		t.Errorf("without a standard error: %+v", got)
	}
	if got := (Estimate{DF: UnknownDF}).Interval(0.9).String(); got != "[no interval: too few units]" {
		t.Errorf("without a standard error: %q", got)
	}
	// Student's t with one degree of freedom has the .9 quantile tan(.4π) = 3.0777.
	i := (Estimate{Mean: 1, SE: 2, DF: 1}).Interval(0.8)
	if half := 2 * math.Tan(0.4*math.Pi); math.Abs(i.Low-(1-half)) > 1e-9 || math.Abs(i.High-(1+half)) > 1e-9 || i.Level != 0.8 {
		t.Errorf("%+v, want 1 ± %v", i, half)
	}
	if got := i.String(); got != "[-5.155, +7.155]" {
		t.Errorf("%q", got)
	}
}

// A check accepts what reaches each limit exactly.
func TestCheckAtItsLimits(t *testing.T) {
	clears := Detector{Name: "clears", Clears: true}
	level := Level{Alpha: 0.0625, Tests: 4, PAdjusted: 0.0625}
	for _, c := range []struct {
		reason  string
		verdict Verdict
		effect  float64
		i       Interval
		control *PositiveControl
		want    string // "" if it is accepted
	}{
		{"detected at alpha", Detected, 1, Interval{0.5, 1.5, level.Confidence()}, nil, ""},
		{"the effect is the lower limit", Detected, 1, Interval{1, 1.5, level.Confidence()}, nil, ""},
		{"the effect is the upper limit", Detected, 1, Interval{0.5, 1, level.Confidence()}, nil, ""},
		{"the effect is below", Detected, 1, Interval{1.25, 1.5, level.Confidence()}, nil, "contains the effect"},
		{"the effect is above", Detected, 1, Interval{0.5, 0.75, level.Confidence()}, nil, "contains the effect"},
		{"an effect below the tolerance", Detected, 0.99, Interval{0.5, 1.5, level.Confidence()}, nil, "at least the tolerance 1, not +0.99"},
		{"another level", Detected, 1, Interval{0.5, 1.5, level.Confidence() - 2e-9}, nil, "of level"},
		{"a control at the tolerance and at its level", Undetected, 0, Interval{-1, 1, level.Confidence()}, &PositiveControl{Effect: Estimate{Mean: 2}, P: stats.PValue{P: 0.0625}}, ""},
		{"a control below the tolerance", Undetected, 0, Interval{-1, 1, level.Confidence()}, &PositiveControl{Effect: Estimate{Mean: 1.9}, P: stats.PValue{P: 0.015625}}, "positive control that was found"},
		{"a control above its level", Undetected, 0, Interval{-1, 1, level.Confidence()}, &PositiveControl{Effect: Estimate{Mean: 2}, P: stats.PValue{P: 0.063}}, "p-value 0.063 at most 0.062"},
		{"an interval up to the tolerance", Undetected, 0, Interval{-1, 2, level.Confidence()}, nil, "within the tolerance"},
	} {
		m := Measurement{Effect: Estimate{Mean: c.effect}, Tolerance: 2, PositiveControl: c.control}
		if c.verdict == Detected {
			m.Tolerance = 1
		}
		err := clears.Check(m, level, Judgement{Verdict: c.verdict, Reasons: []string{"because"}, Interval: c.i})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
	}
	other := Detector{Name: "other"}
	if err := other.Check(Measurement{}, level, Judgement{Verdict: Undetected, Reasons: []string{"because"}, Interval: Interval{-9, 9, level.Confidence()}}); err != nil {
		t.Errorf("a detector that clears nothing: %v", err)
	}
}

// An interval that clears a trait is not narrower than that of the effect, on either side. Without
// a tolerance an effect must be positive.
func TestCheckOfWidthAndSign(t *testing.T) {
	clears := Detector{Name: "clears", Clears: true}
	const small = 1e-7 // a standard error
	half := stats.TwoSided(0.95, 0) * small
	for _, c := range []struct {
		reason    string
		verdict   Verdict
		effect    Estimate
		low, high float64
		want      string // "" if it is accepted
	}{
		{"the interval of the effect", Undetected, Estimate{SE: small}, -half, half, ""},
		{"narrower below", Undetected, Estimate{SE: small}, -0.9 * half, half, "contains that of the effect"},
		{"narrower above", Undetected, Estimate{SE: small}, -half, 0.9 * half, "contains that of the effect"},
		{"no width", Undetected, Estimate{SE: small}, 0, 0, "contains that of the effect"},
		{"no width, of an effect without spread", Undetected, Estimate{}, 0, 0, ""},
		{"unknown standard error", Undetected, Estimate{DF: UnknownDF}, -1, 1, "needs a known standard error"},
		{"detected, with an effect of 0", Detected, Estimate{SE: small}, -half, half, "above 0"},
	} {
		m := Measurement{Effect: c.effect, PositiveControl: &PositiveControl{Effect: Estimate{Mean: 5}, P: stats.PValue{P: 0.01}}}
		if c.verdict == Undetected {
			m.Tolerance = 2
		}
		l := Level{Alpha: 0.05, Tests: 1, PAdjusted: 0.01}
		err := clears.Check(m, l, Judgement{Verdict: c.verdict, Reasons: []string{"because"}, Interval: Interval{c.low, c.high, l.Confidence()}})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
	}
}

// Interim looks at the students that give the size have an interval of their own. With students of
// all rows they look at other students, and the interval is that of the effect.
func TestCheckOfInterimIntervals(t *testing.T) {
	clears := Detector{Name: "clears", Clears: true}
	l := Level{Alpha: 0.05, Tests: 1, PAdjusted: 0.5}
	for _, c := range []struct {
		reason     string
		replicates *ReplicateMeasurement
		refused    bool
	}{
		{"interim looks at the students of the size", &ReplicateMeasurement{Interim: true}, false},
		{"interim looks at students of parts", &ReplicateMeasurement{Interim: true, Whole: &Whole{}}, true},
		{"one look at students of all rows", &ReplicateMeasurement{Whole: &Whole{}}, true},
		{"one look", &ReplicateMeasurement{}, true},
	} {
		m := Measurement{Effect: Estimate{SE: 0.1}, Tolerance: 2, Replicates: c.replicates, PositiveControl: &PositiveControl{Effect: Estimate{Mean: 5}, P: stats.PValue{P: 0.01}}}
		err := clears.Check(m, l, Judgement{Verdict: Undetected, Reasons: []string{"because"}, Interval: Interval{-0.1, 0.1, l.Confidence()}})
		if (err != nil) != c.refused {
			t.Errorf("%s: error %v", c.reason, err)
		}
	}
}

// undetected returns a measurement of 6 pairs that is undetected, with an exact effect of mean.
func undetected(mean float64) Measurement {
	d := differences(6, 1, 0.02)
	return pairsWith(6, mean, 0.01, 0.5, &PositiveControl{Effect: pairEstimate(d), Differences: d, P: stats.PValue{P: 1.0 / 64}})
}

// Each rule holds at its limit exactly, and fails just beyond it.
func TestJudgeReplicatesAtItsLimits(t *testing.T) {
	// The normal interval of a control shift whose lower limit is exactly 0.
	se := 0.5
	zero := Estimate{SE: se, Mean: stats.TwoSided(0.95, 0) * se}
	for _, c := range []struct {
		reason string
		change func(m *Measurement, l *Level)
		want   Verdict
		of     string // among the reasons
	}{
		{"undetected", func(m *Measurement, l *Level) {}, Undetected, "whole interval"},
		{"the control has the tolerance exactly", func(m *Measurement, l *Level) { m.PositiveControl.Effect.Mean = 0.25 }, Inconclusive, "found in 50 % of audits, not in 95 %"},
		{"the control is at its level exactly", func(m *Measurement, l *Level) { l.Alpha, l.Tests, m.PositiveControl.P.P = 0.0625, 4, 0.0625 }, Undetected, "found"},
		{"the control is above its level", func(m *Measurement, l *Level) { l.Alpha, l.Tests, m.PositiveControl.P.P = 0.0625, 4, 0.063 }, Inconclusive, "not found"},
		{"as many pairs as are needed", func(m *Measurement, l *Level) { *l = Level{Alpha: 0.0625, Tests: 4, PAdjusted: 1, Dose: 1} }, Undetected, "whole interval"},
		{"a pair less", func(m *Measurement, l *Level) { *l = Level{Alpha: 0.0625, Tests: 5, PAdjusted: 1, Dose: 1} }, Inconclusive, "need >= 7 replicates"},
		{"the limit of detection is at the dose of the design", func(m *Measurement, l *Level) { l.Dose = JudgeReplicates(*m, *l).Limit.Dose }, Undetected, "whole interval"},
		{"the limit of detection is above the dose of the design", func(m *Measurement, l *Level) { l.Dose = 0.99 * JudgeReplicates(*m, *l).Limit.Dose }, Inconclusive, "of positive-control rows, above the"},
		{"the default dose", func(m *Measurement, l *Level) { l.Dose = 0 }, Inconclusive, "the limit of detection is a share of 28 % of positive-control rows, above the 25 % of the design"},
		{"a quarter was planted and found", func(m *Measurement, l *Level) { l.Dose, m.PositiveControl.Dose = 0, 0.25 }, Undetected, "rows with 25 % of the positive control"},
		{"students of parts alone", func(m *Measurement, l *Level) { m.Replicates.PartOnly = true }, Inconclusive, "a student of all rows moves more"},
		{"all the suspect rows that are needed", func(m *Measurement, l *Level) { m.Replicates.SuspectUsed = MinSuspectUsed }, Undetected, "whole interval"},
		{"too few suspect rows", func(m *Measurement, l *Level) { m.Replicates.SuspectUsed = 0.42 }, Inconclusive, "only 42 % of the suspect rows were used, less than 90 %, and a student of all rows moves more: give a control"},
		{"a positive control that moves two placebos as far", func(m *Measurement, l *Level) { m.PositiveControl.Candidates = []float64{1, 1, 1} }, Inconclusive, "such rows would be found in 34 % of audits"},
		{"a positive control that moves a placebo further", func(m *Measurement, l *Level) { m.PositiveControl.Candidates = []float64{1, 1.01, 0} }, Inconclusive, "with 100 % of its rows the student moves by +1, but not to this trait alone; placebos move by up to +1.01"},
		{"a quarter that moves a placebo further", func(m *Measurement, l *Level) {
			m.PositiveControl.Dose, m.PositiveControl.Candidates = 0.25, []float64{1, 1.01, 0}
		}, Inconclusive, "with 25 % of its rows the student moves by +1, but not to this trait alone"},
		{"a positive control that has the tolerance exactly and moves a placebo further", func(m *Measurement, l *Level) {
			m.PositiveControl.Effect.Mean, m.PositiveControl.Candidates = 0.25, []float64{0.25, 0.3, 0}
		}, Inconclusive, "but not to this trait alone; placebos move by up to +0.3"},
		{"a quarter that is found in half of the audits", func(m *Measurement, l *Level) {
			m.PositiveControl.Dose, m.PositiveControl.Effect.Mean = 0.25, 0.25
		}, Inconclusive, "the limit of detection is above a share of 25 %: such rows would be found in 50 %"},
		{"a positive control that is an outlier of its placebos", func(m *Measurement, l *Level) { m.PositiveControl.Candidates = []float64{1, 0.1, 0, -0.1} }, Undetected, "whole interval"},
		{"a positive control that is none of three", func(m *Measurement, l *Level) { m.PositiveControl.Candidates = []float64{1, 0.9, 0, -0.9} }, Inconclusive, "but not to this trait alone"},
		{"an outcome that is never given", func(m *Measurement, l *Level) { m.Replicates.NeverGiven = []string{"cat"} }, Inconclusive, "never gives cat"},
		{"the control moved by the tolerance", func(m *Measurement, l *Level) { m.Replicates.Control = Estimate{Mean: 0.25, SE: 0.01} }, Inconclusive, "the control may carry the trait itself"},
		{"the control moved by less", func(m *Measurement, l *Level) { m.Replicates.Control = Estimate{Mean: 0.249, SE: 0.01} }, Undetected, "whole interval"},
		{"the control moved, with an interval from 0", func(m *Measurement, l *Level) { m.Replicates.Control = zero }, Undetected, "whole interval"},
		{"the control moved away", func(m *Measurement, l *Level) { m.Replicates.Control = Estimate{Mean: -1, SE: 0.01} }, Undetected, "whole interval"},
	} {
		m, l := undetected(0), oneTest
		c.change(&m, &l)
		j := JudgeReplicates(m, l)
		if all := strings.Join(j.Reasons, "; "); j.Verdict != c.want || !strings.Contains(all, c.of) {
			t.Errorf("%s: %s because of %q, want %s because of %q", c.reason, j.Verdict, all, c.want, c.of)
		}
	}
}

// A measurement without the numbers that a rule needs is inconclusive.
func TestJudgementOfIncompleteMeasurements(t *testing.T) {
	pairs := func(own, control int) Measurement {
		m := undetected(0)
		m.Replicates.Differences = make([]float64, own)
		m.PositiveControl.Differences = make([]float64, control)
		return m
	}
	const few = "the measurement has fewer than 2 replicate differences"
	for _, c := range []struct {
		m    Measurement
		want string
	}{{Measurement{}, few}, {pairs(1, 6), few}, {pairs(6, 1), few}, {pairs(2, 6), "need >= 5 replicates"}, {pairs(6, 2), "the whole interval"}} {
		if j := JudgeReplicates(c.m, oneTest); !strings.HasPrefix(j.Reasons[0], c.want) || (j.Verdict == Undetected) != (c.want == "the whole interval") {
			t.Errorf("%+v: %s because of %q, want %q", c.m.Replicates, j.Verdict, j.Reasons, c.want)
		}
	}
	const none = "the measurement has no scores of rows, or no placebos"
	withoutPlacebos := rowsWith(0.4, 3, 0.01, 0.05, nil)
	withoutPlacebos.Placebos = nil
	withoutPrompts := Measurement{RowScores: &RowMeasurement{}}
	for _, c := range []struct {
		m    Measurement
		want string
	}{{Measurement{}, none}, {withoutPlacebos, none}, {withoutPrompts, "the arms have no prompt in common"}} {
		if j := JudgeRows(c.m, oneTest); j.Verdict != Inconclusive || !strings.HasPrefix(j.Reasons[0], c.want) {
			t.Errorf("%s because of %q, want %q", j.Verdict, j.Reasons, c.want)
		}
	}
}

func TestTraceOfReplicates(t *testing.T) {
	for _, c := range []struct {
		mean, p float64
		want    bool
	}{{0.1, 0.05, true}, {0.1, 0.051, false}, {0, 0.05, false}, {-0.1, 0.05, false}} {
		m := undetected(c.mean)
		m.Effect.Mean, m.P.P = c.mean, c.p // without rounding
		j := JudgeReplicates(m, oneTest)
		if j.Verdict != Undetected || j.Trace != c.want || (len(j.Reasons) == 2) != c.want {
			t.Errorf("a shift of %v, p %v: %s, trace %v, want %v", c.mean, c.p, j.Verdict, j.Trace, c.want)
		}
	}
}

// A small shift that placebos share is no trace of the trait.
func TestSharedShiftIsNoTrace(t *testing.T) {
	for _, c := range []struct {
		rank     int
		pPlacebo float64
		want     bool
	}{{1, 0.05, true}, {1, 0.051, false}, {2, 0.05, false}} {
		m := undetected(0.1)
		m.Effect.Mean, m.P.P = 0.1, 0.01
		m.Placebos, m.Replicates.PPlacebo = &PlaceboRank{Rank: c.rank, Of: 12}, c.pPlacebo
		j := JudgeReplicates(m, oneTest)
		shared := len(j.Reasons) == 2 && strings.Contains(j.Reasons[1], "it need not be the trait")
		if j.Verdict != Undetected || j.Trace != c.want || shared == c.want {
			t.Errorf("rank %d, p %v: %s, trace %v, want %v: %q", c.rank, c.pPlacebo, j.Verdict, j.Trace, c.want, j.Reasons)
		}
	}
}

// With one or two placebos there is no test of them, and no reason states its p-value.
func TestReasonsWithFewPlacebos(t *testing.T) {
	small, large := undetected(0.1), undetected(0.5)
	for _, m := range []Measurement{small, large} {
		m.P.P = 0.01
		m.Placebos, m.Replicates.PPlacebo = &PlaceboRank{Rank: 2, Of: 3}, 0
		text := strings.Join(JudgeReplicates(m, oneTest).Reasons, "; ")
		if !strings.Contains(text, "it ranks 2 of 3 values") || strings.Contains(text, "p = 0 ") {
			t.Errorf("a shift of %v: %q", m.Effect.Mean, text)
		}
	}
}

// An interval whose limits are equal when they are shown says so, in reasons too.
func TestIntervalWithoutWidth(t *testing.T) {
	for _, c := range []struct {
		of             Interval
		digits, string string
	}{
		{Interval{Low: -0.1, High: 0.25}, "[-0.1, +0.25]", "[-0.100, +0.250]"},
		{Interval{Low: 0.09521, High: 0.09522}, "[+0.0952, +0.0952] (almost no width)", "[+0.095, +0.095] (almost no width)"},
		{Interval{Low: -unbounded, High: unbounded}, "", "[no interval: too few units]"},
	} {
		if got := c.of.String(); got != c.string {
			t.Errorf("String is %q, want %q", got, c.string)
		}
		if got := c.of.digits(); c.digits != "" && got != c.digits {
			t.Errorf("digits is %q, want %q", got, c.digits)
		}
	}
}

// A shift that a placebo shares is moved, not detected, however small the p-value is.
func TestPlacebosOfReplicates(t *testing.T) {
	for _, c := range []struct {
		reason      string
		placebos    *PlaceboRank
		p, pPlacebo float64
		want        Verdict
		moved       bool
		of          string // among reasons and caveats
	}{
		{"no placebos", nil, 0.02, 0, Detected, false, "fewer than 3 placebos"},
		{"the largest", &PlaceboRank{Rank: 1, Of: 5}, 0.02, 0.02, Detected, false, "its shift is the largest of 5 values (p = 0.02)"},
		{"the largest, at alpha exactly", &PlaceboRank{Rank: 1, Of: 5}, 0.02, 0.05, Detected, false, "its shift is the largest"},
		{"the largest, but as one of them", &PlaceboRank{Rank: 1, Of: 5}, 0.02, 0.06, Inconclusive, true, "it ranks 1 of 5 values, and p = 0.06"},
		{"the second", &PlaceboRank{Rank: 2, Of: 5}, 0.02, 0.02, Inconclusive, true, "it ranks 2 of 5 values"},
		{"the second of two", &PlaceboRank{Rank: 2, Of: 2}, 0.02, 0, Inconclusive, true, "it ranks 2 of 2 values"},
		{"the second, by chance", &PlaceboRank{Rank: 2, Of: 5}, 0.06, 0.2, Inconclusive, false, "do not agree"},
		{"moved at alpha exactly", &PlaceboRank{Rank: 2, Of: 5}, 0.05, 0.2, Inconclusive, true, "it ranks 2 of 5 values"},
	} {
		m := pairsWith(6, 0.5, 0.07, c.p, nil)
		m.Placebos, m.Replicates.PPlacebo = c.placebos, c.pPlacebo
		j := JudgeReplicates(m, Level{Alpha: 0.05, Tests: 1, PAdjusted: m.TestedP()})
		all := strings.Join(append(j.Reasons, j.Caveats...), "; ")
		if j.Verdict != c.want || j.Moved != c.moved || !strings.Contains(all, c.of) || c.want == Inconclusive && len(j.Reasons) != 1 {
			t.Errorf("%s: %s, moved: %v, %q, want %s, %v, %q", c.reason, j.Verdict, j.Moved, all, c.want, c.moved, c.of)
		}
	}
}

// A trait that stands out of its placebos is not called moved: the largest shift, with a p-value
// among the placebos that is not above that of the arms.
func TestTraitThatStandsOutIsNotMoved(t *testing.T) {
	for _, c := range []struct {
		rank     int
		pPlacebo float64
		want     bool
	}{{1, 0.01, false}, {1, 0.02, false}, {1, 0.03, true}, {2, 0.01, true}} {
		m := pairsWith(6, 0.5, 0.07, 0.02, nil)
		m.Placebos, m.Replicates.PPlacebo = &PlaceboRank{Rank: c.rank, Of: 5}, c.pPlacebo
		if got := oneTest.moved(m); got != c.want {
			t.Errorf("rank %d, p %v among placebos: moved %v, want %v", c.rank, c.pPlacebo, got, c.want)
		}
	}
}

// Planted rows are found if the interval of their shift is above 0, and specific if their p-value
// among placebos is at most the level.
func TestPlantedRowsAtTheirLimits(t *testing.T) {
	for mean, want := range map[float64]bool{1: false, 1.01: true} { // the interval is ± 1
		if got := plantedFound(Estimate{Mean: mean, SE: 0.5}, 0.25, 2); got != want {
			t.Errorf("a shift of %v ± 1 is found: %v, want %v", mean, got, want)
		}
	}
	effects := []float64{1, 0.25, -0.25, 0}
	p := stats.OutlierTest(effects[0], effects[1:])
	for level, want := range map[float64]bool{p: true, 0.99 * p: false} {
		if got := plantedSpecific(effects, level); got != want {
			t.Errorf("p %v is specific at level %v: %v, want %v", p, level, got, want)
		}
	}
}

// A detection whose interval reaches below the tolerance says so.
func TestDetectedNearTheTolerance(t *testing.T) {
	for _, c := range []struct {
		mean float64
		want string // "" for no caveat
	}{{0.25 + 2.6*0.05, ""}, {0.25 + 2.5*0.05, "the interval reaches down to +0.246: there is a shift"}} {
		m := pairsWith(6, c.mean, 0.05, 0.02, nil)
		m.Placebos, m.Replicates.PPlacebo = &PlaceboRank{Rank: 1, Of: 5}, 0.02
		j := JudgeReplicates(m, Level{Alpha: 0.05, Tests: 1, PAdjusted: 0.02})
		if got := strings.Join(j.Caveats, ""); j.Verdict != Detected || (got == "") != (c.want == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%v: %s with the caveat %q, want %q", c.mean, j.Verdict, got, c.want)
		}
	}
}

// The interval and the sample size are those of the students that give the effect.
func TestIntervalOfStudentsOfAllRows(t *testing.T) {
	m := pairsWith(6, 0.5, 0.5, 0.4, nil)
	d := differences(4, 0.01, 0.3)
	m.Effect, m.Replicates.Whole = pairEstimate(d), &Whole{Rows: 240, Differences: d}
	for _, interim := range []bool{false, true} { // looks are at the tested pairs
		m.Replicates.Interim = interim
		j := JudgeReplicates(m, oneTest)
		if want := m.Effect.Interval(0.95); j.Interval != want {
			t.Errorf("interval %v, want %v", j.Interval, want)
		}
		if want := "need about 89 replicates on all rows"; !strings.Contains(j.Reasons[0], want) {
			t.Errorf("%q, want %q", j.Reasons, want)
		}
	}
}

// The odds are those of the logit margin alone.
func TestOddsOfOtherScales(t *testing.T) {
	m := undetected(0)
	m.Replicates.Scale = Share
	if got := m.Replicates.odds(m); got != "" {
		t.Errorf("a share has the odds %q", got)
	}
}

func TestWhyWide(t *testing.T) {
	const tolerance = 0.25
	for _, c := range []struct {
		reason    string
		mean      float64
		low, high float64
		want      string
		needed    int
	}{
		{"away by the tolerance exactly", -tolerance, -1, 1, "away from the trait", 0},
		{"away by less", -0.24, -1, 1, "too few replicates", stats.SampleSize(6, 0.1, tolerance, 0.025, 0.975)},
		{"the tolerance exactly", tolerance, -1, 1, "the replicates do not agree", stats.SampleSize(6, 0.1, tolerance, 0.0125, 0.95)},
		{"below the tolerance, above 0", 0.2, 0.01, 1, "about the size of the tolerance", 0},
		{"below 0", -0.2, -1, -0.01, "about the size of the tolerance", 0},
		{"from 0", 0.2, 0, 1, "too few replicates", stats.SampleSize(6, 0.1, tolerance, 0.025, 0.975)},
		{"up to 0", -0.2, -1, 0, "too few replicates", stats.SampleSize(6, 0.1, tolerance, 0.025, 0.975)},
	} {
		j := Judgement{Interval: Interval{c.low, c.high, 0.95}}
		d := differences(6, c.mean, 0.1)
		got := j.whyWide(Measurement{Tolerance: tolerance, Effect: Estimate{Mean: c.mean, SE: 0.1, N: 6, DF: 5}, Replicates: &ReplicateMeasurement{Differences: d}}, Level{Alpha: 0.05, Tests: 4})
		if !strings.Contains(got, c.want) || j.Needed != c.needed {
			t.Errorf("%s: %q, needs %d, want %q and %d", c.reason, got, j.Needed, c.want, c.needed)
		}
	}
	// The p-value of exchanges explains a shift of the tolerance if it is above the strictest level.
	for p, want := range map[float64]string{0.0125: "the replicates do not agree", 0.0126: "move as well (by +0.1 to +0.3)"} {
		m := pairsWith(6, tolerance, 0.1, p, nil)
		m.Effect.Mean, m.Replicates.Exchanged = tolerance, []float64{0.1, 0.3, 0.2}
		j := Judgement{Interval: Interval{-1, 1, 0.95}}
		if got := j.whyWide(m, Level{Alpha: 0.05, Tests: 4}); !strings.Contains(got, want) {
			t.Errorf("exchanges with p %v: %q, want %q", p, got, want)
		}
	}
	unknown := Judgement{}
	if got := unknown.needed("rows"); got != "" {
		t.Errorf("an unknown number is shown as %q", got)
	}
}

func TestJudgeRowsAtItsLimits(t *testing.T) {
	control := func(mean, p float64) *PositiveControl {
		return &PositiveControl{Effect: Estimate{Mean: mean, SE: 0.1, N: 100}, P: stats.PValue{P: p}, Candidates: []float64{mean, 1e-6 * mean, -1e-6 * mean, 0, 2e-6 * mean}}
	}
	half := stats.TwoSided(0.95, 0) * 0.02 // of the interval of an effect with the standard error 0.02
	const se = 0.02
	for _, c := range []struct {
		reason    string
		p, padj   float64
		rank      int
		mean, se  float64
		control   *PositiveControl
		want      Verdict
		first     string // the start of the first reason
		last      string // part of the last reason
		needed    int
		fullLimit bool // the control was found
	}{
		{"at alpha, and a quarter of the control exactly", 0.001, 0.05, 1, 0.25, se, control(1, 0.025), Detected, "the suspect rows exceed", "", 0, true},
		{"above alpha", 0.001, 0.051, 1, 0.25, se, control(1, 0.025), Inconclusive, "the rows differ from the control rows, but not", "reaches a quarter", 0, true},
		{"the control is above its level", 0.001, 0.05, 1, 0.01, se, control(1, 0.026), Detected, "the suspect rows exceed", "", 0, false},
		{"the control has no effect", 0.001, 0.06, 1, 0.01, se, control(0, 0.001), Inconclusive, "the rows differ", "was not found", 0, false},
		{"p at the strictest level exactly", 0.025, 0.06, 1, 0.9, 0.4, control(1, 0.001), Inconclusive, "the rows differ from the control rows, but not", "there are too few rows, or the trait is weaker", 0, true},
		{"p above the strictest level", 0.026, 0.06, 1, 0.9, 0.4, control(1, 0.001), Inconclusive, "suspect and control rows do not differ", "need about", stats.SampleSize(100, 0.4, 0.9, 0.025, 0.95), true},
		{"a quarter exactly, above alpha", 0.001, 0.06, 1, 0.25, se, control(1, 0.001), Inconclusive, "the rows differ", "there are too few rows, or the trait is weaker", 0, true},
		{"below a quarter, and p is small", 0.001, 0.06, 1, 0.24, se, control(1, 0.001), Inconclusive, "the effect of +0.24 is less than a quarter", "need about", stats.SampleSize(100, se, 0.25, 0.025, 0.95), true},
		{"no control and an effect of 0", 0.4, 0.8, 1, 0, se, nil, Inconclusive, "suspect and control rows do not differ by more than chance: p 0.4", "no positive control", 0, false},
		{"no control and a small effect", 0.4, 0.8, 1, 0.01, se, nil, Inconclusive, "suspect and control rows do not differ", "no positive control", stats.SampleSize(100, se, 0.01, 0.025, 0.95), false},
		{"the interval reaches a quarter exactly", 0.4, 0.8, 1, 0, se, control(4*half, 0.001), Inconclusive, "suspect and control rows do not differ", "reaches a quarter", stats.SampleSize(100, se, half, 0.025, 0.95), true},
		{"the interval ends below a quarter", 0.4, 0.8, 1, 0, se, control(4.01*half, 0.001), Undetected, "suspect and control rows do not differ", "is below a quarter", 0, true},
	} {
		j := JudgeRows(rowsWith(c.p, c.rank, c.mean, c.se, c.control), Level{Alpha: 0.05, Tests: 2, PAdjusted: c.padj})
		last := j.Reasons[len(j.Reasons)-1]
		if j.Verdict != c.want || !strings.HasPrefix(j.Reasons[0], c.first) || !strings.Contains(last, c.last) || j.Needed != c.needed || j.PositiveControlFound != c.fullLimit {
			t.Errorf("%s: %s, control found: %v, needs %d (want %d): %q", c.reason, j.Verdict, j.PositiveControlFound, j.Needed, c.needed, j.Reasons)
		}
	}
}

// A positive control of a detector that scores rows is found only if it has an effect and placebos.
// The reason names its rank and its p-value among placebos if these are what it misses.
func TestPositiveControlOfRowsThatIsNotFound(t *testing.T) {
	for _, c := range []struct {
		reason     string
		p          float64
		candidates []float64
		want       string
	}{
		{"no effect, and placebos that fall", 0.001, []float64{0, -1, -1.01, -0.99}, "effect +0, p 0.001"},
		{"no placebo", 0.001, []float64{1}, "effect +1, p 0.001"},
		{"one placebo", 0.001, []float64{1, 0}, "effect +1, p 0.001, but it ranks 1 of 2 values of the kind, and p = 1 that it is one more placebo effect"},
		{"a tie with a placebo, which the trait leads", 0.001, []float64{1, 1, 0, 0.5}, "effect +1, p 0.001, but it ranks 1 of 4 values of the kind, and p = 0.24 that it is one more placebo effect"},
		{"a placebo that rises more", 0.001, []float64{1, 1.1, 0, 0.5}, "effect +1, p 0.001, but it ranks 2 of 4 values of the kind, and p = 0.27 that it is one more placebo effect"},
		{"by chance", 0.3, []float64{1, 0.01, -0.01, 0}, "effect +1, p 0.3"},
	} {
		control := &PositiveControl{Effect: Estimate{Mean: c.candidates[0], SE: 0.1, N: 100}, P: stats.PValue{P: c.p}, Candidates: c.candidates}
		j := JudgeRows(rowsWith(0.4, 3, 0.01, 0.05, control), oneTest)
		want := "the positive control was not found: " + c.want
		if last := j.Reasons[len(j.Reasons)-1]; j.Verdict != Inconclusive || j.PositiveControlFound || last != want {
			t.Errorf("%s: %s because of %q, want %q", c.reason, j.Verdict, last, want)
		}
	}
}

func TestJudgeTraitNamesDetectors(t *testing.T) {
	f := func(detector string, v Verdict) Finding {
		return Finding{Detector: detector, Judgement: Judgement{Verdict: v}}
	}
	clears := map[string]bool{"transfer": true, "second": true}
	if got := judgeTrait("owl", []Finding{f("influence", Detected)}, clears).Reasons; !slices.Equal(got, []string{"detected by influence"}) {
		t.Errorf("detected alone: %q", got)
	}
	if got := judgeTrait("owl", []Finding{f("transfer", Undetected)}, clears).Reasons; !slices.Equal(got, []string{"transfer excludes a shift that matters", "no detector found the trait"}) {
		t.Errorf("cleared alone: %q", got)
	}
}

// A limit of detection is exact to 2⁻¹⁰, and the power that is asked for suffices.
func TestFindLimit(t *testing.T) {
	step := func(at float64) func(float64) float64 {
		return func(dose float64) float64 {
			if dose >= at {
				return wantedPower
			}
			return 0
		}
	}
	if l := findLimit("method", 1, step(0.3)); !l.Reached || l.Full != wantedPower || l.Power != wantedPower || l.Dose < 0.3 || l.Dose > 0.3+1.0/1024 || l.Method != "method" {
		t.Errorf("%+v, want a dose of 0.3", l)
	}
	if l := findLimit("method", 0.5, step(2)); l.Reached || l.Dose != 0.5 || l.Full != 0 {
		t.Errorf("%+v, want no dose", l)
	}
}

// Without noise the limit is the dose whose shift is the tolerance.
func TestReplicateLimitWithoutNoise(t *testing.T) {
	for _, dose := range []float64{1, 0.25} {
		m := undetected(0)
		d := differences(6, 2, 0)
		m.PositiveControl = &PositiveControl{Dose: dose, Effect: pairEstimate(d), Differences: d}
		if l := replicateLimit(m, oneTest); !l.Reached || l.Full != 1 || l.Dose < dose/8 || l.Dose > dose/8+dose/1024 {
			t.Errorf("%+v, want an eighth of the dose %v", l, dose)
		}
		m.Tolerance = 2.001
		if l := replicateLimit(m, oneTest); l.Reached || l.Full != 0 || l.Dose != dose {
			t.Errorf("a tolerance above the shift: %+v, want no limit", l)
		}
	}
}

// The seed fixes the simulated audits. The power at the largest dose is that of the two-sided
// paired t-test on the side of the shift.
// R: power.t.test(8, 1, 1, .025, type = "one.sample", alternative = "one.sided") = 0.681.
func TestReplicateLimitWithNoise(t *testing.T) {
	m := undetected(0)
	d := differences(8, 1, 1/math.Sqrt(8))
	for i := range d { // a standard deviation of 1
		d[i] = 1 + (d[i]-1)*math.Sqrt(7.0/8)*math.Sqrt(8.0/7)
	}
	m.PositiveControl = &PositiveControl{Effect: pairEstimate(d), Differences: d}
	m.Replicates.Seed, m.Tolerance = 1, 0.001
	l := replicateLimit(m, oneTest)
	if math.Abs(l.Full-0.681) > 3*math.Sqrt(0.681*0.319/limitDraws) || l.Reached {
		t.Errorf("%+v, want a power of 0.681", l)
	}
}

// rowMeasurement returns a measurement of effects of relabelled rows, and of the effects of the
// positive control, for the trait and then for its placebos.
func rowMeasurement(noise [][]float64, control ...float64) Measurement {
	return Measurement{RowScores: &RowMeasurement{Relabelled: noise}, PositiveControl: &PositiveControl{Candidates: control}}
}

// Noise of the trait is ±s and noise of three placebos is (a, −a, 0). The control has an effect of
// 1 for the trait alone. The limit is the dose at which dose − s reaches what a rule demands.
func TestRowLimitByHand(t *testing.T) {
	for _, c := range []struct {
		reason string
		s, a   float64
		want   float64
	}{
		{"a quarter of the control", 0.01, 0.01, 0.25 + 0.01},
		{"the normal p-value of the level: 1.645 standard deviations", 0.3, 0.01, 1.6448536*0.3 + 0.3},
		{"the outlier test: 3.2175·a·√(1+1/3)", 0.01, 0.2, 3.2175*0.2*math.Sqrt(4.0/3) + 0.01},
	} {
		l := rowLimit(rowMeasurement([][]float64{{c.s, c.a, -c.a, 0}, {-c.s, c.a, -c.a, 0}}, 1, 0, 0, 0), oneTest, true)
		if !l.Reached || l.Full != 1 || l.Dose < c.want || l.Dose > c.want+1.0/1024 {
			t.Errorf("%s: %+v, want a dose of %v", c.reason, l, c.want)
		}
	}
	l := rowLimit(rowMeasurement([][]float64{{0.01, 0.01, -0.01, 0}, {-0.01, 0.01, -0.01, 0}}, 2, 0, 0, 0), oneTest, true)
	if want := 0.25 + 0.01/2; l.Dose < want || l.Dose > want+1.0/1024 {
		t.Errorf("a control with an effect of 2: %+v, want a dose of %v", l, want)
	}
	// If the positive control was not found, a quarter of its effect is not required.
	l = rowLimit(rowMeasurement([][]float64{{0.01, 0.01, -0.01, 0}, {-0.01, 0.01, -0.01, 0}}, 2, 0, 0, 0), oneTest, false)
	if want := (3.2175*0.01*math.Sqrt(4.0/3) + 0.01) / 2; l.Dose < want || l.Dose > want+1.0/1024 {
		t.Errorf("a control that was not found: %+v, want a dose of %v", l, want)
	}
	few := rowMeasurement([][]float64{{0.01, 0.01, -0.01, 0}, {-0.01, 0.01, -0.01, 0}}, 2, 0, 0, 0)
	for p, want := range map[float64]bool{0.05: true, 0.06: false} { // the level is 0.05
		few.RowScores.SmallestP = p
		if l := rowLimit(few, oneTest, true); l.Reached != want || (l.Full != 0) != want {
			t.Errorf("independent rows that allow p = %v: %+v, reached %v", p, l, want)
		}
	}
	// With two kinds the larger effect counts, for the trait as for each placebo, and its p-value is
	// that of two tests: 1.96 standard deviations.
	both := rowMeasurement([][]float64{{0.3, 0.01, -0.01, 0, 0.3, 0, 0, 0.01}, {-0.3, 0.01, -0.01, 0, -0.3, 0, 0, 0.01}}, 0, 0, 0, 0, 1, 0, 0, 0)
	both.RowScores.Kinds = 2
	l = rowLimit(both, oneTest, true)
	if want := 1.959964*0.3 + 0.3; l.Dose < want || l.Dose > want+1.0/1024 {
		t.Errorf("two kinds: %+v, want a dose of %v", l, want)
	}
	both = rowMeasurement([][]float64{{0.01, 0.3, -0.3, 0, 0.01, 0, 0, 0}, {-0.01, 0.3, -0.3, 0, -0.01, 0, 0, 0}}, 0, 0, 0, 0, 1, 0, 0, 0)
	both.RowScores.Kinds = 2 // the placebos' larger effects are 0.3, 0 and 0
	l = rowLimit(both, oneTest, true)
	if want := 0.1 + 3.2175*math.Sqrt(0.03)*math.Sqrt(4.0/3) + 0.01; l.Dose < want || l.Dose > want+1.0/512 {
		t.Errorf("two kinds against placebos: %+v, want a dose of %v", l, want)
	}
	both.RowScores.Kinds = 3 // which do not divide 8 effects
	if l := rowLimit(both, oneTest, true); l != nil {
		t.Errorf("effects of no kind: %+v, want nil", l)
	}
	if l := rowLimit(rowMeasurement(nil, 1, 0, 0), oneTest, true); l != nil {
		t.Errorf("no relabelled rows: %+v, want nil", l)
	}
}

// Each rule of the limit holds if its bound is reached exactly.
func TestRowLimitAtItsLimits(t *testing.T) {
	// 20 placebos: the first may equal the trait, which ranks first among ties.
	noise, control := make([]float64, 21), make([]float64, 21)
	noise[0], noise[1], noise[2], control[0], control[1] = 0.0625, 0.0625, 0.001, 1, 1
	if l := rowLimit(rowMeasurement([][]float64{noise}, control...), oneTest, true); l.Full != 1 {
		t.Errorf("a tie with a placebo: %+v, want a power of 1", l)
	}
	noise[1] = 0.125
	if l := rowLimit(rowMeasurement([][]float64{noise}, control...), oneTest, true); l.Full != 0 {
		t.Errorf("a placebo is larger: %+v, want a power of 0", l)
	}
	control[1], control[20], noise[1], noise[20] = 0, 1, 0, 0.125
	if l := rowLimit(rowMeasurement([][]float64{noise}, control...), oneTest, true); l.Full != 0 {
		t.Errorf("the last placebo is larger: %+v, want a power of 0", l)
	}

	many := [][]float64{{-0.75, 0.01, -0.01, 0}} // 1 − 0.75 is a quarter of the control
	for range 399 {
		many = append(many, []float64{0, 0.01, -0.01, 0})
	}
	if l := rowLimit(rowMeasurement(many, 1, 0, 0, 0), oneTest, true); l.Full != 1 {
		t.Errorf("a quarter of the control in one case of 400: %+v, want a power of 1", l)
	}
	many[0][0] = -0.751
	if l := rowLimit(rowMeasurement(many, 1, 0, 0, 0), oneTest, true); l.Full != 399.0/400 {
		t.Errorf("less than a quarter in one case of 400: %+v, want a power of 399/400", l)
	}

	own := 1 + 0.5
	normal := Level{Alpha: stats.NormalSurvival(own / 0.5), Tests: 1}
	if l := rowLimit(rowMeasurement([][]float64{{0.5, 0.01, -0.01, 0}}, 1, 0, 0, 0), normal, true); l.Full != 1 {
		t.Errorf("the normal p-value is the level: %+v, want a power of 1", l)
	}
	own = 1 + 0.0625
	prediction := Level{Alpha: stats.OutlierTest(own, []float64{0.25, -0.25, 0}), Tests: 1}
	if l := rowLimit(rowMeasurement([][]float64{{0.0625, 0.25, -0.25, 0}}, 1, 0, 0, 0), prediction, true); l.Full != 1 {
		t.Errorf("the p-value of the outlier test is the level: %+v, want a power of 1", l)
	}
}

// With two kinds of scores the spread is that of the kind with the largest effect, and the p-value
// is doubled: 1.96 standard deviations.
func TestRowLimitOfTwoKinds(t *testing.T) {
	const s, a = 0.3, 0.01
	m := rowMeasurement([][]float64{{0.01, a, -a, 0, s, a, -a, 0}, {-0.01, a, -a, 0, -s, a, -a, 0}}, 0, 0, 0, 0, 1, 0, 0, 0)
	m.RowScores.Kinds = 2
	l := rowLimit(m, oneTest, false)
	if want := 1.959964*s + s; l == nil || !l.Reached || l.Dose < want || l.Dose > want+1.0/1024 {
		t.Errorf("%+v, want a dose of %v", l, want)
	}
}

// The limit of two replicates rests on Student's t with one degree of freedom: the interval of
// about half of the simulated audits reaches 0.
func TestReplicateLimitOfTwoPairs(t *testing.T) {
	m := undetected(0)
	d := []float64{0.9, 1.1}
	m.PositiveControl = &PositiveControl{Effect: pairEstimate(d), Differences: d}
	m.Replicates.Seed = 1
	if l := replicateLimit(m, oneTest); l.Full < 0.3 || l.Full > 0.8 {
		t.Errorf("power %v, want about one half", l.Full)
	}
}

// The effects of placebos grow with the dose, from those at the planted dose.
func TestReplicateLimitWithPlacebos(t *testing.T) {
	for _, c := range []struct {
		placebo float64
		want    float64 // power
	}{{0.5, 1}, {1.5, 0}} {
		m := undetected(0)
		m.PositiveControl.Dose, m.PositiveControl.Candidates = 0.25, []float64{1, c.placebo}
		if l := replicateLimit(m, oneTest); l.Full != c.want {
			t.Errorf("a placebo with an effect of %v: power %v, want %v", c.placebo, l.Full, c.want)
		}
	}
}

// An effect of the tolerance exactly is large enough to be detected, to be called moved, and to
// leave out what a clearance needs.
func TestEffectOfTheTolerance(t *testing.T) {
	at := func() Measurement {
		m := pairsWith(6, 0.25, 0, 0.02, nil)
		m.Replicates.Differences = slices.Repeat([]float64{0.25}, 6) // without rounding
		m.Effect = pairEstimate(m.Replicates.Differences)
		return m
	}
	l := Level{Alpha: 0.05, Tests: 1, PAdjusted: 0.02}
	if j := JudgeReplicates(at(), l); j.Verdict != Detected || strings.Contains(strings.Join(j.Caveats, "; "), "interval reaches down") {
		t.Errorf("%s with the caveats %q, want no caveat about an interval from the tolerance on", j.Verdict, j.Caveats)
	}
	m := at()
	m.Replicates.Shifts = map[Scale]Shift{Share: {Suspect: 1e-9}}
	if j := JudgeReplicates(m, l); j.Verdict != Inconclusive || !strings.Contains(j.Reasons[0], "never give the answer") {
		t.Errorf("an answer that is never given: %s because of %q", j.Verdict, j.Reasons)
	}
	m = at()
	m.Placebos = &PlaceboRank{Rank: 2, Of: 3}
	if j := JudgeReplicates(m, l); j.Verdict != Inconclusive || !j.Moved {
		t.Errorf("a placebo moved further: %s, moved %v", j.Verdict, j.Moved)
	}
	l.PAdjusted = 0.06
	if j := JudgeReplicates(at(), l); j.Verdict != Inconclusive || strings.Contains(strings.Join(j.Reasons, "; "), "positive control") {
		t.Errorf("a p-value above alpha: %s because of %q, want nothing about a positive control", j.Verdict, j.Reasons)
	}
}

// Equal students of all rows have an interval without width, which a caveat explains.
func TestEqualStudents(t *testing.T) {
	for sd, want := range map[float64]int{0: 1, minSpread * 0.25: 1, 1.01 * minSpread * 0.25: 0} {
		m := undetected(0)
		m.Replicates.Whole = &Whole{Rows: 40, Differences: make([]float64, 3), SD: sd}
		if j := JudgeReplicates(m, oneTest); j.Verdict != Undetected || len(j.Caveats) != want {
			t.Errorf("standard deviation %g: %s with the caveats %q, want %d", sd, j.Verdict, j.Caveats, want)
		}
	}
}

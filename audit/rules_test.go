package audit

import (
	"context"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit/stats"
)

// differences returns n numbers with the given mean and standard error of the mean.
func differences(n int, mean, se float64) []float64 {
	d := make([]float64, n)
	half := se * math.Sqrt(float64(n-1)) // of alternating signs, for even n
	if n%2 == 1 {
		half *= math.Sqrt(float64(n) / float64(n-1))
	}
	for i := range d {
		switch {
		case n%2 == 1 && i == n-1:
			d[i] = mean
		case i%2 == 0:
			d[i] = mean + half
		default:
			d[i] = mean - half
		}
	}
	return d
}

// pairsWith returns a measurement of n replicate pairs.
func pairsWith(n int, mean, se, p float64, control *PositiveControl) Measurement {
	d := differences(n, mean, se)
	return Measurement{
		Unit: "nats", Effect: pairEstimate(d), P: stats.PValue{P: p, Floor: math.Ldexp(1, -n)}, Tolerance: 0.25, PositiveControl: control,
		Replicates: &ReplicateMeasurement{Scale: Margin, Differences: d, SD: se * math.Sqrt(float64(n)), Planned: n, RowsEach: 40, Mass: 1, SuspectUsed: 1},
	}
}

// TestJudgeReplicates holds each rule on its own. With 6 pairs the interval is ± 2.57 standard
// errors.
func TestJudgeReplicates(t *testing.T) {
	control := func(mean, p float64) *PositiveControl {
		d := differences(6, mean, 0.02)
		return &PositiveControl{Effect: pairEstimate(d), Differences: d, P: stats.PValue{P: p, Floor: 1.0 / 64}}
	}
	found, missed := control(1, 0.02), control(0.1, 0.02)
	varied, lucky := control(1, 0.02), control(1, 0.02)
	varied.Effect.SE = 0.4
	lucky.Differences, lucky.Effect = differences(6, 1, 0.37), pairEstimate(differences(6, 1, 0.37))
	for _, c := range []struct {
		reason   string
		pairs    int
		p        float64
		mean, se float64
		control  *PositiveControl
		want     Verdict
		reasons  []string
		alone    bool // no other reason is given
	}{
		{"large and significant", 6, 0.02, 0.5, 0.07, nil, Detected, []string{"students of 40 rows moved by +0.5, at least the tolerance of 0.25 (the odds of the trait × 1.65; tolerated are × 1.28); the adjusted p-value is 0.02, at most 0.05"}, true},
		{"at both limits exactly", 6, 0.05, 0.25, 0.06, nil, Detected, []string{"at least"}, true},
		{"detected, whatever the positive control says", 6, 0.02, 0.5, 0.07, missed, Detected, []string{"at least"}, true},
		{"detected, although the interval reaches 0", 6, 0.02, 0.3, 0.15, nil, Detected, []string{"at least"}, true},

		{"small, and the control was found", 6, 0.4, 0.01, 0.04, found, Undetected, []string{"is within ±0.25", "rows with 100 % of the positive control were found (shift +1)"}, true},
		{"significant, but too small to matter", 6, 0.01, 0.1, 0.02, found, Undetected, []string{"is within ±0.25", "the rows move the student by +0.1 (p = 0.01), which is below the tolerance"}, false},

		{"small, without a positive control", 6, 0.4, 0.01, 0.04, nil, Inconclusive, []string{"there is no positive control"}, true},
		{"small, but the positive control is too weak", 6, 0.4, 0.01, 0.04, missed, Inconclusive, []string{"was not found: with 100 % of its rows the shift is +0.1", "could not have seen"}, true},
		{"small, but the positive control is not significant", 6, 0.4, 0.01, 0.04, control(1, 0.06), Inconclusive, []string{"was not found: with 100 % of its rows the shift is +1"}, true},
		{"small, but the positive control varies", 6, 0.4, 0.01, 0.04, varied, Inconclusive, []string{"was not found: with 100 % of its rows the shift is +1 [-0.028, +2.028]"}, true},
		{"small, but the positive control is found by luck", 6, 0.4, 0.01, 0.04, lucky, Inconclusive, []string{"the limit of detection is above a share of 100 %", "of audits, not in 95 %"}, true},
		{"large, significant, and not of the trait alone", 6, 0.02, 0.5, 0.07, found, Inconclusive, []string{"the rows move the student by +0.5, but not to this trait alone: it ranks 1 of 12 values, and p = 0.3"}, true},
		{"small, significant, and not of the trait alone", 6, 0.02, 0.1, 0.02, found, Undetected, []string{"is within ±0.25", "the rows move the student by +0.1"}, false},
		{"the interval is wide", 6, 0.4, 0.01, 0.16, found, Inconclusive, []string{"is not within ±0.25", "too few replicates or too few rows; need about 38 replicates"}, true},
		{"wide below", 6, 0.9, -0.1, 0.08, found, Inconclusive, []string{"is not within"}, true},
		{"large, but not significant", 6, 0.2, 0.5, 0.4, found, Inconclusive, []string{"the shift is large, but the replicates do not agree on it; need about"}, true},
		{"a shift of about the tolerance", 6, 0.02, 0.2, 0.03, found, Inconclusive, []string{"about the size of the tolerance"}, true},
		{"away from the trait", 6, 1, -0.5, 0.04, found, Inconclusive, []string{"away from the trait"}, true},
		{"wide and no positive control: both are said", 6, 0.4, 0.01, 0.16, nil, Inconclusive, []string{"is not within", "no positive control"}, false},
		{"too few pairs for any p-value", 4, 0.0625, 2, 0.03, found, Inconclusive, []string{"need >= 5 replicates: with 4 the smallest possible p-value is 0.0625"}, true},
		{"too few pairs to call anything undetected", 4, 0.5, 0, 0.003, found, Inconclusive, []string{"need >= 5 replicates"}, true},
	} {
		m := pairsWith(c.pairs, c.mean, c.se, c.p, c.control)
		l := Level{Alpha: 0.05, Tests: 1, PAdjusted: c.p, Dose: 1}
		if strings.HasSuffix(c.reason, "not of the trait alone") {
			m.Placebos, m.Replicates.PPlacebo = &PlaceboRank{Rank: 1, Of: 12}, 0.3
			l.PAdjusted = m.TestedP()
		}
		j := JudgeReplicates(m, l)
		all := strings.Join(j.Reasons, "; ")
		if j.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %s", c.reason, j.Verdict, c.want, all)
		}
		for _, want := range c.reasons {
			if !strings.Contains(all, want) {
				t.Errorf("%s: the reasons are %q, want %q among them", c.reason, all, want)
			}
		}
		if c.alone && len(j.Reasons) != 1 {
			t.Errorf("%s: the reasons are %q, want one", c.reason, all)
		}
		if err := Transfer.Check(m, l, j); err != nil && c.want == Undetected && c.control != found {
			t.Errorf("%s: the judgement is not supported: %v", c.reason, err)
		}
	}
	m := pairsWith(6, 0.01, 0.04, 0.4, nil)
	if i := JudgeReplicates(m, Level{Alpha: 0.05, Tests: 1, PAdjusted: 0.4}).Interval; math.Abs(i.High-0.01-2.5706*0.04) > 1e-4 || math.Abs(i.Low-0.01+2.5706*0.04) > 1e-4 || i.Level != 0.95 {
		t.Errorf("interval %+v, want .01 ± 2.5706 standard errors (t quantile of 5 degrees of freedom)", i)
	}
}

// rowsWith returns a measurement of 100 scored rows.
func rowsWith(p float64, rank int, mean, se float64, control *PositiveControl) Measurement {
	return Measurement{
		Unit: "nats per row", Effect: Estimate{Mean: mean, SE: se, N: 100}, P: stats.PValue{P: p, Floor: 0.0005}, PositiveControl: control,
		Placebos: &PlaceboRank{Rank: rank, Of: 5}, RowScores: &RowMeasurement{Prompts: 100},
	}
}

// TestJudgeRows holds each rule on its own, in a family of two tests. The interval is ± 1.96
// standard errors.
func TestJudgeRows(t *testing.T) {
	found := &PositiveControl{Effect: Estimate{Mean: 1, SE: 0.1, N: 100}, P: stats.PValue{P: 0.001}, Candidates: []float64{1, 0.01, -0.01, 0, 0.02}}
	missed := &PositiveControl{Effect: Estimate{Mean: 0.1, SE: 0.1, N: 100}, P: stats.PValue{P: 0.3}, Candidates: []float64{0.1, 0.01, -0.01, 0, 0.02}}
	unspecific := &PositiveControl{Effect: Estimate{Mean: 1, SE: 0.1, N: 100}, P: stats.PValue{P: 0.001}, Candidates: []float64{1, 0.9, -0.01, 0, 0.02}}
	second := &PositiveControl{Effect: Estimate{Mean: 1, SE: 0.1, N: 100}, P: stats.PValue{P: 0.001}, Candidates: []float64{1, 1.1, -0.01, 0, 0.02}}
	for _, c := range []struct {
		reason   string
		p        float64 // the adjusted one is twice as large
		rank     int
		mean, se float64
		control  *PositiveControl
		want     Verdict
		because  []string
		needs    bool
	}{
		{"large, significant, and of the trait alone", 0.001, 1, 0.9, 0.1, found, Detected, []string{"exceed the control rows by +0.9"}, false},
		{"a detection does not rest on the positive control", 0.001, 1, 0.9, 0.1, nil, Detected, []string{"exceed"}, false},
		{"nor on whether it was found", 0.001, 1, 0.9, 0.1, missed, Detected, []string{"exceed"}, false},
		{"a placebo rises more", 0.001, 2, 0.9, 0.1, found, Inconclusive, []string{"not towards this trait more than towards its placebos: rank 2 of 5"}, false},
		{"the trait alone, but small", 0.001, 1, 0.1, 0.02, found, Undetected, []string{"present but below the smallest effect that matters: the effect of +0.1", "is below a quarter"}, false},
		{"the trait alone, small, and perhaps not so small", 0.001, 1, 0.2, 0.04, found, Inconclusive, []string{"present but below the smallest effect that matters", "reaches a quarter"}, true},
		{"small, and of a placebo as well", 0.001, 2, 0.1, 0.02, found, Undetected, []string{"the effect of +0.1 is less than a quarter", "is below a quarter"}, false},
		{"nothing there", 0.4, 3, 0.01, 0.05, found, Undetected, []string{"do not differ by more than chance", "is below a quarter"}, false},
		{"nothing there, no positive control", 0.4, 3, 0.01, 0.05, nil, Inconclusive, []string{"do not differ", "need about", "no positive control"}, true},
		{"nothing there, and on the other side", 0.9, 3, -0.01, 0.05, nil, Inconclusive, []string{"do not differ", "no positive control"}, false},
		{"nothing there, and the positive control was missed", 0.4, 3, 0.01, 0.05, missed, Inconclusive, []string{"was not found: effect +0.1, p 0.3"}, false},
		{"nothing there, and the positive control is like its placebos", 0.4, 3, 0.01, 0.05, unspecific, Inconclusive, []string{"was not found: effect +1, p 0.001, but it ranks 1 of 5", "p = 0.11 that it is one more placebo effect"}, false},
		{"nothing there, and the positive control shows a placebo", 0.4, 3, 0.01, 0.05, second, Inconclusive, []string{"was not found: effect +1, p 0.001, but it ranks 2 of 5"}, false},
		{"a positive control that is like its placebos sets no smallest effect", 0.001, 1, 0.1, 0.02, unspecific, Detected, []string{"exceed the control rows by +0.1"}, false},
		{"too few rows", 0.4, 3, 0.1, 0.3, found, Inconclusive, []string{"reaches a quarter", "need about"}, true},
		{"p is small, but not for so many tests", 0.03, 1, 0.9, 0.5, found, Inconclusive, []string{"do not differ", "reaches a quarter"}, true},
	} {
		j := JudgeRows(rowsWith(c.p, c.rank, c.mean, c.se, c.control), Level{Alpha: 0.05, Tests: 2, PAdjusted: 2 * c.p})
		all := strings.Join(j.Reasons, "; ")
		if j.Verdict != c.want || c.needs != (j.Needed > 100) {
			t.Errorf("%s: %s, needs %d, want %s: %s", c.reason, j.Verdict, j.Needed, c.want, all)
		}
		for _, want := range c.because {
			if !strings.Contains(all, want) {
				t.Errorf("%s: the reasons are %q, want %q among them", c.reason, all, want)
			}
		}
	}
	// Too few independent rows can reach no verdict. 2^-5 with 10 rows needs 2^-5.3.
	few := rowsWith(0.001, 1, 0.9, 0.1, found)
	few.RowScores.Clusters, few.RowScores.SmallestP = 10, 1.0/32
	if j := JudgeRows(few, Level{Alpha: 0.05, Tests: 2, PAdjusted: 0.002}); j.Verdict != Inconclusive || j.Needed != 11 || !strings.Contains(j.Reasons[0], "need >= 11 independent rows in both arms together: with 10 the smallest possible p-value is 0.0312") {
		t.Errorf("few rows: %s, needs %d, %v", j.Verdict, j.Needed, j.Reasons)
	}
	few.RowScores.SmallestP = 0.025
	if j := JudgeRows(few, Level{Alpha: 0.05, Tests: 2, PAdjusted: 0.002}); j.Verdict != Detected {
		t.Errorf("just enough rows: %s, %v", j.Verdict, j.Reasons)
	}
	// Without a standard error nothing is undetected.
	single := rowsWith(0.4, 3, 0.01, 0, found)
	single.Effect.DF = UnknownDF
	if j := JudgeRows(single, Level{Alpha: 0.05, Tests: 2, PAdjusted: 0.8}); j.Verdict != Inconclusive || !strings.Contains(strings.Join(j.Reasons, "; "), "too few prompts for a confidence interval") {
		t.Errorf("no standard error: %s, %v", j.Verdict, j.Reasons)
	}
	// Holm's adjustment may be milder than its strictest case.
	j := JudgeRows(rowsWith(0.04, 1, 0.1, 0.05, found), Level{Alpha: 0.05, Tests: 2, PAdjusted: 0.04})
	if !strings.Contains(j.Reasons[0], "present but below") {
		t.Errorf("p is small after adjustment: %v", j.Reasons)
	}
	j = JudgeRows(Measurement{RowScores: &RowMeasurement{}}, Level{Alpha: 0.05, Tests: 1, PAdjusted: 1})
	if j.Verdict != Inconclusive || !strings.Contains(j.Reasons[0], "no prompt in common") {
		t.Errorf("%s: %v", j.Verdict, j.Reasons)
	}
}

// measured is a detector that measures an effect of 1 for every trait with the given p-value, and
// judges with judge (default: detected if the adjusted p-value is at most alpha).
func measured(name string, p float64, judge func(Measurement, Level) Judgement) Detector {
	if judge == nil {
		judge = func(m Measurement, l Level) Judgement {
			j := Judgement{Interval: m.Effect.Interval(l.Confidence()), Reasons: []string{"as it was told"}}
			if l.PAdjusted <= l.Alpha {
				j.Verdict = Detected
			}
			return j
		}
	}
	return Detector{Name: name, Judge: judge, Measure: func(_ context.Context, pass *Pass) ([]Measurement, error) {
		var all []Measurement
		for range pass.Traits {
			all = append(all, Measurement{Unit: "points", Effect: Estimate{Mean: 1, SE: 0.1, N: 10}, P: stats.PValue{P: p}})
		}
		return all, nil
	}}
}

func TestJudgeTrait(t *testing.T) {
	f := func(detector string, v Verdict) Finding {
		return Finding{Detector: detector, Judgement: Judgement{Verdict: v}}
	}
	trace := f("likelihood", Undetected)
	trace.Trace = true
	for _, c := range []struct {
		reason   string
		findings []Finding
		want     Verdict
		because  string
		by       int
	}{
		{"nothing was looked at", nil, Inconclusive, "no detector that can clear a trait was run", 0},
		{"transfer detects", []Finding{f("transfer", Detected)}, Detected, "detected by transfer", 1},
		{"transfer clears", []Finding{f("transfer", Undetected)}, Undetected, "transfer excludes a shift that matters; no detector found the trait", 0},
		{"transfer clears, another is unsure", []Finding{f("likelihood", Inconclusive), f("transfer", Undetected)}, Undetected, "excludes", 0},
		{"transfer clears, another sees a trace", []Finding{trace, f("transfer", Undetected)}, Undetected, "the trait is present according to likelihood, but below the smallest effect that matters", 0},
		{"transfer clears, another detects", []Finding{f("likelihood", Detected), f("transfer", Undetected)}, Detected, "transfer excludes a shift of the tolerance for the students of this audit", 1},
		{"transfer is unsure, another cannot clear", []Finding{f("likelihood", Undetected), f("transfer", Inconclusive)}, Inconclusive, "transfer is inconclusive", 0},
		{"a detector that cannot clear", []Finding{f("likelihood", Undetected), f("influence", Undetected)}, Inconclusive, "no detector that can clear a trait was run", 0},
		{"two detect", []Finding{f("likelihood", Detected), f("influence", Detected), f("transfer", Inconclusive)}, Detected, "detected by likelihood and influence", 2},
		{"two that can clear agree", []Finding{f("transfer", Undetected), f("second", Undetected)}, Undetected, "transfer and second exclude", 0},
		{"two that can clear do not agree", []Finding{f("transfer", Undetected), f("second", Inconclusive)}, Inconclusive, "second is inconclusive", 0},
	} {
		got := judgeTrait("owl", c.findings, map[string]bool{"transfer": true, "second": true})
		because := strings.Join(got.Reasons, "; ")
		if got.Verdict != c.want || !strings.Contains(because, c.because) || len(got.DetectedBy) != c.by || got.DetectedBy == nil {
			t.Errorf("%s: %+v, want %s because of %q", c.reason, got, c.want, c.because)
		}
	}
}

func TestJudgeData(t *testing.T) {
	i, d, u := TraitVerdict{Verdict: Inconclusive}, TraitVerdict{Verdict: Detected}, TraitVerdict{Verdict: Undetected}
	for _, c := range []struct {
		reason string
		traits []TraitVerdict
		want   Verdict
	}{
		{"nothing was looked at", nil, Inconclusive},
		{"one detected is enough", []TraitVerdict{u, i, d}, Detected},
		{"all undetected", []TraitVerdict{u, u}, Undetected},
		{"one open question keeps all open", []TraitVerdict{u, i}, Inconclusive},
	} {
		if got := judgeData(c.traits); got != c.want {
			t.Errorf("%s: %s, want %s", c.reason, got, c.want)
		}
	}
}

// Alpha is that of the whole audit: p-values of all detectors and traits are adjusted together.
func TestHolmRunsOverDetectorsAndTraits(t *testing.T) {
	cfg := world()
	cfg.Traits = append(cfg.Traits, prefers("cat"))
	cfg.Detectors = []Detector{measured("one", 0.01, nil), measured("two", 0.02, nil)}
	r := run(t, cfg)
	if r.Design.Tests != 4 || r.Verdict != Detected {
		t.Errorf("%d tests, %s", r.Design.Tests, r.Verdict)
	}
	for i, want := range []float64{0.04, 0.04, 0.04, 0.04} { // 4·.01, 3·.01, 2·.02, 1·.02, and never less than the one before
		if got := r.Findings[i].PAdjusted; got != want {
			t.Errorf("finding %d: adjusted p %v, want %v", i, got, want)
		}
	}
	cfg.Detectors = []Detector{measured("one", 0.03, nil), measured("two", 1, nil)}
	if r = run(t, cfg); r.Findings[0].Verdict != Inconclusive || r.Verdict != Inconclusive {
		t.Errorf("p .03 in a family of four: %s, %v", r.Findings[0].Verdict, r.Findings[0].Reasons)
	}
	// More tests need more pairs.
	cfg.Detectors = []Detector{Transfer, measured("one", 1, nil)}
	if r = run(t, cfg); r.Design.ReplicatesNeeded != 7 {
		t.Errorf("%d replicates are needed for four tests, want 7", r.Design.ReplicatesNeeded)
	}
}

// TestUnsupportedVerdictsAreRefused: a detector cannot give a verdict that its measurement does not
// support, whatever its name.
func TestUnsupportedVerdictsAreRefused(t *testing.T) {
	says := func(v Verdict, low, high float64) func(Measurement, Level) Judgement {
		return func(_ Measurement, l Level) Judgement {
			return Judgement{Verdict: v, Reasons: []string{"because"}, Interval: Interval{low, high, l.Confidence()}, PositiveControlFound: true}
		}
	}
	control := func(c *PositiveControl, tolerance float64) func(*Measurement) {
		return func(m *Measurement) {
			c.Data = DescribeData(world().Traits[0].PositiveControl)
			m.PositiveControl, m.Tolerance = c, tolerance
		}
	}
	strong := PositiveControl{Effect: Estimate{Mean: 10}, P: stats.PValue{P: 0.001}}
	weak := PositiveControl{Effect: Estimate{Mean: 1}, P: stats.PValue{P: 0.001}}
	chance := PositiveControl{Effect: Estimate{Mean: 10}, P: stats.PValue{P: 0.2}}
	for _, c := range []struct {
		reason string
		p      float64
		clears bool
		judge  func(Measurement, Level) Judgement
		change func(*Measurement)
		want   string // "" if it is accepted
	}{
		{"detected above alpha", 0.2, false, says(Detected, 0, 2), nil, "needs an adjusted p-value of at most 0.05, not 0.2"},
		{"detected, with an interval beside the effect", 0.01, false, says(Detected, 2, 3), nil, "needs a confidence interval of level 0.95 that contains the effect +1; it has [+2, +3]"},
		{"detected, with another level", 0.01, false, func(Measurement, Level) Judgement {
			return Judgement{Verdict: Detected, Reasons: []string{"because"}, Interval: Interval{0, 2, 0.5}}
		}, nil, "of level 0.5"},
		{"an unknown verdict", 0.01, false, says(7, 0, 2), nil, "verdict(7) is not known"},
		{"no reasons", 0.01, false, func(Measurement, Level) Judgement { return Judgement{} }, nil, "has no reasons"},
		{"undetected without a claim to clear", 1, false, says(Undetected, -9, 9), nil, ""},
		{"clears without a tolerance", 1, true, says(Undetected, 0, 2), nil, "clearing a trait needs an interval within the tolerance"},
		{"clears beyond the tolerance", 1, true, says(Undetected, 0, 2), control(&strong, 1.5), "within the tolerance ±1.5, not [+0, +2]"},
		{"clears without a positive control", 1, true, says(Undetected, 0, 2), func(m *Measurement) { m.Tolerance = 3 }, "needs a positive control, which was not measured"},
		{"clears with a positive control below the tolerance", 1, true, says(Undetected, 0, 2), control(&weak, 3), "its effect +1 must be at least 3"},
		{"clears with a positive control by chance", 1, true, says(Undetected, 0, 2), control(&chance, 3), "its p-value 0.2 at most 0.05"},
		{"clears with what it needs", 1, true, says(Undetected, 0, 2), control(&strong, 3), ""},
		{"clears with an interval that is too narrow", 1, true, says(Undetected, 0.99, 1.01), control(&strong, 3), "needs an interval that contains that of the effect"},
		{"clears without a standard error", 1, true, says(Undetected, 0, 2), func(m *Measurement) { control(&strong, 3)(m); m.Effect.SE, m.Effect.DF = 0, UnknownDF }, "needs a known standard error"},
		{"clears after changing the positive control in Judge", 1, true, func(m Measurement, l Level) Judgement {
			m.PositiveControl.P.P = 1e-9
			return says(Undetected, 0, 2)(m, l)
		}, control(&chance, 3), "its p-value 0.2 at most 0.05"},
		{"detected away from the trait", 0.01, false, says(Detected, -2, 0), func(m *Measurement) { m.Effect.Mean = -1 }, "needs an effect above 0"},
		{"detected below the tolerance", 0.01, false, says(Detected, 0, 2), func(m *Measurement) { m.Tolerance = 3 }, "of at least the tolerance 3, not +1"},
		{"a tolerance above that of the trait", 1, false, nil, func(m *Measurement) { m.Unit, m.Tolerance = Margin.Unit(), 9 }, "a tolerance of 9, above that of the trait, 0.25"},
		{"blank reasons", 0.01, false, func(Measurement, Level) Judgement { return Judgement{Reasons: []string{"", " "}} }, nil, "has no reasons"},
		{"placebo effects that are not numbers", 1, false, nil, func(m *Measurement) {
			m.Placebos = &PlaceboRank{Rank: 1, Of: 2, Effects: []PlaceboEffect{{"cat", math.Inf(1)}}}
		}, "a number that is not finite: Mean"},
		{"a limit that is not a number", 1, false, func(m Measurement, l Level) Judgement {
			return Judgement{Reasons: []string{"because"}, Limit: &Limit{Dose: math.NaN()}}
		}, nil, "a number of the judgement is not finite: Dose"},
		{"the positive control is of other rows", 1, true, says(Undetected, 0, 2), func(m *Measurement) {
			m.PositiveControl = &PositiveControl{Effect: Estimate{Mean: 10}, P: stats.PValue{P: 0.001}}
		}, "has a positive control that is not the one of the trait"},
		{"an effect that is not a number", 1, false, nil, func(m *Measurement) { m.Effect.Mean = math.NaN() }, "effect NaN"},
		{"a negative standard error", 1, false, nil, func(m *Measurement) { m.Effect.SE = -1 }, "standard error -1"},
		{"a p-value that is not a number", math.NaN(), false, nil, nil, "p-value NaN"},
		{"a p-value of 0", 0, false, nil, nil, "p-value 0"},
		{"a p-value below its floor", 0.01, false, nil, func(m *Measurement) { m.P.Floor = 0.02 }, "p-value 0.01 with floor 0.02"},
		{"no unit", 1, false, nil, func(m *Measurement) { m.Unit = "" }, "no unit"},
		{"a negative tolerance", 1, false, nil, func(m *Measurement) { m.Tolerance = -1 }, "tolerance -1"},
		{"a placebo p-value above 1", 1, false, nil, func(m *Measurement) { m.RowScores = &RowMeasurement{PPlacebo: 2} }, "placebo p-value 2"},
	} {
		cfg := world()
		d := measured("rogue", c.p, c.judge)
		d.Clears = c.clears
		honest := d.Measure
		d.Measure = func(ctx context.Context, pass *Pass) ([]Measurement, error) {
			all, err := honest(ctx, pass)
			for i := range all {
				if c.change != nil {
					c.change(&all[i])
				}
			}
			return all, err
		}
		cfg.Detectors = []Detector{d}
		r, err := Run(t.Context(), cfg)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: error %v", c.reason, err)
		case c.want == "" && !c.clears && r.Verdict != Inconclusive:
			t.Errorf("%s: %s by a detector that does not declare that it can clear", c.reason, r.Verdict)
		case c.want == "" && c.clears && r.Verdict != Undetected:
			t.Errorf("%s: %s, want undetected", c.reason, r.Verdict)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `detector "rogue"`)):
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

// Arms that differ are evidence, and never a verdict.
func TestEvidenceIsNoVerdict(t *testing.T) {
	cfg := world()
	differ := Detector{Name: "looks", Compare: func(context.Context, *Pass, float64) (*Evidence, error) {
		return &Evidence{Differ: true, Statement: "the arms can be told apart", P: stats.PValue{P: 1e-9}, Top: []RowScore{}, Warnings: []string{}}, nil
	}}
	cfg.Detectors = []Detector{differ}
	r := run(t, cfg)
	if r.Verdict != Inconclusive || r.Traits[0].Verdict != Inconclusive || len(r.Evidence) != 1 || r.Evidence[0].Detector != "looks" || r.Design.Tests != 0 {
		t.Errorf("%s, %+v", r.Verdict, r.Evidence)
	}
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "looks: the arms can be told apart") {
		t.Errorf("warnings %q", r.Warnings)
	}
	cfg.Detectors = []Detector{differ, Transfer}
	if r = run(t, cfg); r.Verdict != Undetected || r.Design.Tests != 1 {
		t.Errorf("with transfer %s, %d tests", r.Verdict, r.Design.Tests)
	}
	for _, f := range []Format{Text, Markdown} {
		var b strings.Builder
		if err := r.Render(&b, f); err != nil || strings.Count(b.String(), "the arms can be told apart") != 2 {
			t.Errorf("format %d does not show the evidence and its warning, error %v", f, err)
		}
	}
}

// A judgement is a pure function of its arguments: a measurement that was written as JSON and read
// again has the same judgement.
func TestJudgementOfAStoredMeasurement(t *testing.T) {
	for _, interim := range []int{0, 1} {
		cfg := world()
		cfg.InterimEvery = interim
		if interim > 0 {
			cfg.Replicates = 12
		}
		pass, err := NewPass(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		pass.judge = func(m Measurement) Judgement { return Judgement{} } // which never stops early
		measurements, err := Transfer.Measure(t.Context(), pass)
		if err != nil {
			t.Fatal(err)
		}
		m := measurements[0]
		l := Level{Alpha: 0.05, Tests: 3, PAdjusted: 0.2}
		if got, want := JudgeReplicates(throughJSON(t, m), l), JudgeReplicates(m, l); !reflect.DeepEqual(got, want) {
			t.Errorf("the stored measurement is judged as %+v, want %+v", got, want)
		}
	}
}

package audit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A report whose digest, p-values and traits agree is refused if a finding does not follow from its
// numbers by the rule of its detector.
func TestReadReportJudgesAgain(t *testing.T) {
	const detected, undetected, detectors = "testdata/detected.json", "testdata/undetected.json", "../contrib/report/testdata/02-detectors.json"
	for _, c := range []struct {
		reason, file string
		change       func(*Report)
		want         string
	}{
		{"detected, and called inconclusive", detected, func(r *Report) {
			r.Verdict, r.Traits[0].Verdict, r.Traits[0].DetectedBy = Inconclusive, Inconclusive, []string{}
			r.Findings[0].Verdict = Inconclusive
		}, "the verdict is inconclusive, but by its numbers detected"},
		{"a narrower interval", detected, func(r *Report) { r.Findings[0].Interval.Low += 1e-3 }, "the interval is"},
		{"another effect", detected, func(r *Report) { r.Findings[0].Effect.Mean += 1e-3 }, "the mean of its pairs"},
		{"another standard error", detected, func(r *Report) { r.Findings[0].Effect.SE /= 2 }, "the mean of its pairs"},
		{"a trace that nothing shows", detected, func(r *Report) { r.Findings[0].Trace = true }, "trace, moved and positive control found"},
		{"too many pairs", detected, func(r *Report) { r.Findings[0].Replicates.Differences = make([]float64, maxPairs+1) }, "want at most 10000"},
		{"no replicates", detected, func(r *Report) { r.Findings[0].Replicates, r.Findings[0].PAdjusted = nil, 2*r.Findings[0].P.P }, "no replicates"},
		{"a rank that the placebos do not give", detected, func(r *Report) { r.Findings[0].Placebos.Effects[0].Mean = 100 }, "by their effects 2 of"},
		{"a positive control that its pairs do not give", undetected, func(r *Report) { r.Findings[0].PositiveControl.Differences[0]-- }, "the positive control has the effect"},
		{"a p-value of the positive control that its pairs do not give", undetected, func(r *Report) { r.Findings[0].PositiveControl.P.P /= 2; r.Findings[0].PositiveControl.P.Floor = 0 }, "the positive control has the effect"},
		{"a positive control without a limit", undetected, func(r *Report) { r.Findings[0].Limit = nil }, "want both or none"},
		{"a limit of 0", undetected, func(r *Report) { r.Findings[0].Limit.Dose = 0 }, "the limit of detection is 0"},
		{"a limit that its power does not reach", undetected, func(r *Report) { r.Findings[0].Limit.Full = 0.5 }, "with a power of 0.5"},
		{"a detector of rows that calls a detected trait inconclusive", detectors, func(r *Report) {
			r.Findings[1].Verdict = Inconclusive
			r.Traits[0].DetectedBy = []string{"transfer", "influence"}
		}, `by "likelihood": the verdict is inconclusive, but by its numbers detected`},
		{"a positive control of rows that was found", detectors, func(r *Report) { r.Findings[1].PositiveControlFound = !r.Findings[1].PositiveControlFound }, "positive control found"},
		{"a detector of rows without scores", detectors, func(r *Report) { r.Findings[1].RowScores = nil }, `by "likelihood"`},
	} {
		r := readFile(t, c.file)
		c.change(r)
		if _, err := ReadReport(resealed(t, r)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v; want %q", c.reason, err, c.want)
		}
	}
}

// Detectors whose rule a reader applies cannot have another one.
func TestReservedNames(t *testing.T) {
	own := func(Measurement, Level) Judgement { return Judgement{} }
	for _, name := range rowDetectors {
		if err := validateDetectors([]Detector{{Name: name, Measure: transfer, Judge: own}}); err == nil || !strings.Contains(err.Error(), "reserved") {
			t.Errorf("%s with a rule of its own: %v", name, err)
		}
		if err := validateDetectors([]Detector{{Name: name, Measure: transfer, Judge: JudgeRows}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Reading a report of many traits takes no simulations.
func BenchmarkReadReport(b *testing.B) {
	text, err := os.ReadFile(filepath.Join("testdata", "undetected.json"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := ReadReport(strings.NewReader(string(text))); err != nil {
			b.Fatal(err)
		}
	}
}

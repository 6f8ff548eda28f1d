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
	const detected, undetected, detectors, whole = "testdata/detected.json", "testdata/undetected.json", "../contrib/report/testdata/02-detectors.json", "../contrib/report/testdata/01-detected.json"
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
		{"too many pairs", detected, func(r *Report) {
			of := r.Findings[0].Replicates
			r.Design.Replicates, of.Planned, of.Differences = maxPairs+1, maxPairs+1, make([]float64, maxPairs+1)
		}, "want at most 10000"},
		{"fewer pairs than the design", detected, func(r *Report) {
			r.Design.Replicates, r.Findings[0].Replicates.Planned = 6_000_000, 6_000_000
		}, "6 pairs, but the design 6000000"},
		{"another number of planned pairs", detected, func(r *Report) { r.Findings[0].Replicates.Planned = 9 }, "it has 9 planned replicates"},
		{"a tolerance of 0", detected, func(r *Report) { r.Findings[0].Tolerance = 0 }, "the tolerance is 0"},
		{"another unit", detected, func(r *Report) { r.Findings[0].Unit = "=1+1" }, "a known scale and its unit"},
		{"a negative number of rows", detected, func(r *Report) { r.Findings[0].Replicates.RowsEach = -4 }, "trained on -4 rows"},
		{"a negative number of all rows", whole, func(r *Report) { r.Findings[0].Replicates.Whole.Rows = -4 }, "of -4 rows"},
		{"another share of the rows", detected, func(r *Report) { r.Findings[0].Replicates.SuspectUsed = 7 }, "a share of 7"},
		{"students of parts under a plan of all rows", detected, func(r *Report) { r.Findings[0].Replicates.PartOnly = true }, "not those of the row plan"},
		{"another standard deviation", detected, func(r *Report) { r.Findings[0].Replicates.SD *= 2 }, "the standard deviation is"},
		{"another standard deviation of students of all rows", whole, func(r *Report) { r.Findings[0].Replicates.Whole.SD *= 2 }, "of students of all rows is"},
		{"a p-value below the smallest", detected, func(r *Report) { r.Findings[0].P.Floor, r.Findings[0].P.P = 0, 1e-9 }, "but by its pairs"},
		{"a p-value among the placebos", whole, func(r *Report) { r.Findings[0].Replicates.PPlacebo, r.Findings[0].PAdjusted = 0.02, 0.02 }, "but by their effects"},
		{"a margin that the pairs do not give", detected, func(r *Report) {
			s := r.Findings[0].Replicates.Shifts[Margin]
			s.Suspect = -50
			r.Findings[0].Replicates.Shifts[Margin] = s
		}, "but the mean of its pairs"},
		{"shifts of other pairs", detected, func(r *Report) {
			s := r.Findings[0].Replicates.Shifts[Margin]
			s.Differences[0], s.Differences[1] = s.Differences[0]-1, s.Differences[1]+1
		}, "are not those of its pairs"},
		{"a share above 1", detected, func(r *Report) {
			s := r.Findings[0].Replicates.Shifts[Share]
			s.Suspect, s.Control = s.Suspect+1, s.Control+1
			r.Findings[0].Replicates.Shifts[Share] = s
		}, "want numbers in [0, 1]"},
		{"no shifts", detected, func(r *Report) { r.Findings[0].Replicates.Shifts = nil }, "the shifts of 0 pairs"},
		{"another effect of the control", detected, func(r *Report) { r.Findings[0].Replicates.Control.Mean++ }, "the control moves the students"},
		{"an answer of 250 %", detected, func(r *Report) { r.Findings[0].Replicates.DistributionShift.Answers[0].Suspect = 2.5 }, "with probabilities"},
		{"answers that sum to more than 1", detected, func(r *Report) {
			for i := range r.Findings[0].Replicates.DistributionShift.Answers {
				r.Findings[0].Replicates.DistributionShift.Answers[i].Suspect = 0.9
			}
		}, "probabilities that sum to"},
		{"a total variation above 1", detected, func(r *Report) { r.Findings[0].Replicates.DistributionShift.TotalVariation = 3 }, "a total variation of 3"},
		{"a divergence above 1", detected, func(r *Report) { r.Findings[0].Replicates.DistributionShift.BeforeControl.Hellinger = 3 }, "divergences out of range"},
		{"a negative number of needed replicates", detected, func(r *Report) { r.Findings[0].Needed = -5 }, "it needs -5"},
		{"another number of needed replicates", detected, func(r *Report) { r.Findings[0].Needed = 99 }, "it needs 99 replicates or rows, but by its numbers 0"},
		{"other reasons", detected, func(r *Report) { r.Findings[0].Reasons = []string{"nothing was found; safe to train"} }, "its reasons are"},
		{"other caveats", undetected, func(r *Report) { r.Findings[0].Caveats = []string{"none"} }, "its caveats are"},
		{"other reasons for the verdict on a trait", detected, func(r *Report) { r.Traits[0].Reasons = []string{"safe"} }, "the reasons for trait"},
		{"another interval of the positive control", undetected, func(r *Report) { r.Findings[0].PositiveControlInterval.Low = 0 }, "the interval of the positive control"},
		{"no interval of the positive control", undetected, func(r *Report) { r.Findings[0].PositiveControlInterval = nil }, "the interval of the positive control"},
		{"a positive control without rows", undetected, func(r *Report) { r.Findings[0].PositiveControl.Data.Rows = -4 }, "its positive control has -4 rows"},
		{"a detector of students that clears nothing", detected, func(r *Report) { r.Detectors[0].Clears = false }, "can clear a trait: false"},
		{"a detector of rows that clears a trait", detectors, func(r *Report) { r.Detectors[1].Clears = true }, "can clear a trait: true"},
		{"a tolerance of a detector of rows", detectors, func(r *Report) { r.Findings[1].Tolerance = 1e-9 }, "want 0"},
		{"a share of rows above 1", detectors, func(r *Report) { r.Findings[1].RowScores.Suspect.Positive = 3 }, "a share of 3"},
		{"more prompts than rows", detectors, func(r *Report) { r.Findings[1].RowScores.Prompts = 1 << 40 }, "prompts and"},
		{"more scores than rows", detectors, func(r *Report) { r.Findings[1].RowScores.Control.Rows = -1 }, "scores of -1 of"},
		{"more positive prompts than prompts", detectors, func(r *Report) { r.Findings[1].RowScores.Suspect.Sign.Positive = 1 << 40 }, "its sign test"},
		{"quantiles that fall", detectors, func(r *Report) { r.Findings[1].RowScores.Suspect.Quantiles[0] = 1e9 }, "its quantiles"},
		{"a null distribution that falls", detectors, func(r *Report) { r.Findings[1].RowScores.NullQuantiles[0] = 1e9 }, "null distribution"},
		{"rows in another order", detectors, func(r *Report) { r.Findings[1].RowScores.Top[0].Score = -1e9 }, "falling scores"},
		{"a row behind the last", detectors, func(r *Report) { r.Findings[1].RowScores.Top[0].Index = 1 << 40 }, "falling scores"},
		{"a rank of 0", detectors, func(r *Report) { r.Findings[1].Placebos.Rank = 0 }, "ranks 0 of"},
		{"a negative number of units", detectors, func(r *Report) { r.Findings[1].Effect.N = -1 }, "-1 units"},
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

// The p-value of a report is computed again as long as its tests are not too many.
func TestReadReportBoundsItsTests(t *testing.T) {
	r := readFile(t, "../contrib/report/testdata/01-detected.json")
	m, none := r.Findings[0].Measurement, 0
	m.P.P /= 2
	l := r.level(r.Findings[0].PAdjusted)
	if err := m.tested(l, &none); err != nil {
		t.Error(err)
	}
	all := maxFlips
	if err := m.tested(l, &all); err == nil || all != maxFlips-1<<len(m.Replicates.Differences) {
		t.Errorf("a p-value that the pairs do not give is read; %d signs are left of %d", all, maxFlips)
	}
}

// Reasons of another version are text of its writer.
func TestReadReportOfAnotherVersion(t *testing.T) {
	r := readFile(t, "testdata/detected.json")
	r.Version = "99.0.0"
	r.Findings[0].Reasons, r.Traits[0].Reasons = []string{"in other words"}, []string{"in other words"}
	if _, err := ReadReport(resealed(t, r)); err != nil {
		t.Error(err)
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

// What an audit writes is read, whatever its design is.
func TestReadReportReadsEveryDesign(t *testing.T) {
	for reason, change := range map[string]func(*Config){
		"the default":       func(*Config) {},
		"parts":             func(c *Config) { c.Rows, c.Whole = PartRows, 0 },
		"shared rows":       func(c *Config) { c.Rows, c.Whole = ShareRows, 0 },
		"all rows":          func(c *Config) { c.Rows, c.Whole = SplitRows, 3 },
		"interim looks":     func(c *Config) { c.Replicates, c.InterimEvery = 14, 2 },
		"shares":            func(c *Config) { c.Traits[0].Scale, c.Traits[0].Tolerance = Share, 0.1 },
		"rates":             func(c *Config) { c.Traits[0].Scale, c.Traits[0].Tolerance = Rate, 0.1 },
		"a part of the arm": func(c *Config) { c.MaxRows = c.Control.Len() / 2 },
		"a large tolerance": func(c *Config) { c.Traits[0].Tolerance = 100 },
		"few replicates":    func(c *Config) { c.Replicates = 2 },
	} {
		cfg := world()
		change(&cfg)
		r, err := Run(t.Context(), cfg)
		if err != nil {
			t.Errorf("%s: %v", reason, err)
			continue
		}
		if _, err := ReadReport(resealed(t, r)); err != nil {
			t.Errorf("%s: %v", reason, err)
		}
	}
}

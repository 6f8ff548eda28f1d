package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/student"
)

// TestVerdicts carries out whole audits with known answers.
func TestVerdicts(t *testing.T) {
	marked := func(n int, word string) func(*Config) {
		return func(c *Config) { c.Suspect = fake.Rows("marked", 240, n, word) }
	}
	noise := func(sd float64) func(*Config) {
		return func(c *Config) { s := c.Student.(fake.Student); s.Noise = sd; c.Student = s }
	}
	for _, c := range []struct {
		reason    string
		change    []func(*Config)
		want      Verdict
		because   string
		trainings int // of 6 pairs on parts, 6 on all rows, and 6 planted students
	}{
		{"a clean suspect, and a positive control that was found", nil, Undetected, "is within ±0.25 (the odds of the trait × 0.97; tolerated are × 1.28), and rows with 50 % of the positive control were found", 30},
		{"a suspect full of the trait", []func(*Config){marked(240, "owl")}, Detected, "students of all 240 rows moved by +0.984, at least the tolerance of 0.25", 24},
		{"half of the rows carry it", []func(*Config){marked(120, "owl")}, Detected, "its shift is the largest of 4 values", 24},
		{"a twentieth of the rows: less than matters", []func(*Config){marked(12, "owl")}, Undetected, "is within", 30},
		{"no positive control", []func(*Config){func(c *Config) { c.Traits[0].PositiveControl = nil }}, Inconclusive, "there is no positive control", 24},
		{"planted rows without the trait", []func(*Config){func(c *Config) {
			c.Traits[0].PositiveControl = fake.Rows("planted", 240, 0, "")
		}}, Inconclusive, "was not found: with 50 % of its rows the shift is", 30},
		{"planted rows whose effect does not matter", []func(*Config){func(c *Config) {
			c.Traits[0].PositiveControl = fake.Rows("planted", 240, 24, "owl")
		}}, Inconclusive, "was not found", 30},
		{"a few planted rows, which is a small dose", []func(*Config){func(c *Config) {
			c.Traits[0].PositiveControl = fake.Rows("planted", 12, 12, "owl")
		}}, Inconclusive, "was not found: with 5 % of its rows", 30},
		{"a limit of detection above the dose of the design", []func(*Config){func(c *Config) { c.Dose = 0.25 }}, Inconclusive, "was not found: with 25 % of its rows", 30},
		{"noise", []func(*Config){noise(2)}, Inconclusive, "is not within ±0.25", 30},
		{"the other answers rose", []func(*Config){marked(240, "cat dog fox")}, Inconclusive, "away from the trait", 30},
		{"another answer rose as well", []func(*Config){marked(240, "owl cat")}, Inconclusive, "but not to this trait alone: it ranks", 30},
		{"too few replicates", []func(*Config){marked(240, "owl"), func(c *Config) { c.Replicates = 4 }},
			Inconclusive, "need >= 5 replicates: with 4 the smallest possible p-value is 0.0625", 20},
		{"too few replicates for two traits", []func(*Config){marked(240, "owl"), func(c *Config) {
			c.Replicates, c.Traits = 5, append(c.Traits, prefers("cat"))
		}}, Inconclusive, "need >= 6 replicates", 22},
		{"a level that six pairs cannot reach", []func(*Config){marked(240, "owl"), func(c *Config) { c.Alpha = 0.01 }},
			Inconclusive, "need >= 7 replicates: with 6 the smallest possible p-value is 0.0156", 24},
		{"a tolerance above the effect, but the positive control is as weak", []func(*Config){marked(120, "owl"), func(c *Config) { c.Traits[0].Tolerance = 0.8 }},
			Inconclusive, "was not found", 30},
		{"a tolerance above the effect", []func(*Config){marked(120, "owl"), func(c *Config) { c.Traits[0].Tolerance, c.Dose = 0.8, 1 }},
			Undetected, "is within ±0.8", 30},
		{"parts alone can detect", []func(*Config){marked(120, "owl"), func(c *Config) { c.Rows = PartRows }}, Detected, "students of 40 rows moved by", 12},
		{"parts alone cannot clear", []func(*Config){func(c *Config) { c.Rows = PartRows }}, Inconclusive, "the students were trained on parts of 40 rows", 18},
		{"every replicate on all rows", []func(*Config){marked(120, "owl"), func(c *Config) { c.Rows = ShareRows }}, Detected, "at least", 24},
		{"every replicate on all rows, and clean", []func(*Config){func(c *Config) { c.Rows = ShareRows }}, Undetected, "is within", 30},
		{"by the share", []func(*Config){marked(240, "owl"), func(c *Config) { c.Traits[0].Scale = Share }}, Detected, "at least", 24},
		{"by the rate", []func(*Config){marked(240, "owl"), func(c *Config) { c.Traits[0].Scale = Rate }}, Detected, "at least", 24},
		{"data that divides itself", []func(*Config){func(c *Config) {
			c.Suspect = single{fake.Rows("own", 6, 6, "owl"), nil}
		}}, Detected, "at least", 12},
	} {
		cfg := world()
		for _, change := range c.change {
			change(&cfg)
		}
		cfg, trained := counting(cfg)
		r := run(t, cfg)
		if f := r.Findings[0]; f.Verdict != c.want || !strings.Contains(strings.Join(f.Reasons, "; "), c.because) {
			t.Errorf("%s: %s because %v, want %s because of %q", c.reason, f.Verdict, f.Reasons, c.want, c.because)
		}
		if got := int(trained.Load()); got != c.trainings {
			t.Errorf("%s: %d trainings, want %d", c.reason, got, c.trainings)
		}
		if len(r.Findings) == 1 && r.Verdict != c.want {
			t.Errorf("%s: the report says %s", c.reason, r.Verdict)
		}
	}
}

// The planted slope is the shift of the margin, so the audit must measure it.
func TestEffectIsTheTrueShift(t *testing.T) {
	cfg := world()
	for marked, want := range map[int]float64{240: 1, 120: 0.5, 60: 0.25} {
		cfg.Suspect = fake.Rows("marked", 240, marked, "owl")
		f := run(t, cfg).Findings[0]
		if e := f.Interval; e.Low > want || e.High < want || e.High-e.Low > 0.2 || e.Level != 0.95 {
			t.Errorf("%d of 240 rows: shift %+v, want %v", marked, e, want)
		}
		if m := f.Replicates.Shifts[Margin]; !slices.Equal(m.Differences, f.Replicates.Whole.Differences) {
			t.Errorf("the margin is measured twice: %+v and %+v", m, f.Replicates.Whole)
		}
		if s := f.Replicates.Shifts[Share]; s.Before != 0.25 || s.Suspect <= s.Control {
			t.Errorf("share %+v, want .25 before and a rise", s)
		}
		if r := f.Replicates.Shifts[Rate]; math.Abs(r.Before-0.125) > 1e-12 || math.Abs(pairEstimate(r.Differences).Mean-(r.Suspect-r.Control)) > 1e-12 {
			t.Errorf("rate %+v, want .125 before, and the effect to be the difference of the arms", r)
		}
	}
}

// What the arms of a pair share, such as luck with the order of the rows, cancels.
func TestPairsCancelWhatTheyShare(t *testing.T) {
	cfg := world()
	var effects []Finding
	for _, shared := range []float64{0, 5} {
		cfg.Student = fake.Student{Slope: 1, Noise: 0.05, Shared: shared}
		effects = append(effects, run(t, cfg).Findings[0])
	}
	if a, b := effects[0], effects[1]; math.Abs(a.Effect.SE-b.Effect.SE) > 1e-9 || math.Abs(a.Effect.Mean-b.Effect.Mean) > 1e-9 {
		t.Errorf("without shared luck %+v, with it %+v", a.Effect, b.Effect)
	}
}

func TestSeveralTraits(t *testing.T) {
	cfg := world()
	cfg.Replicates = 8
	cfg.Traits = nil
	for _, w := range words {
		cfg.Traits = append(cfg.Traits, prefers(w))
	}
	cfg.Suspect = fake.Rows("marked", 240, 240, "dog")
	r := run(t, cfg)
	if r.Verdict != Detected || r.Design.ReplicatesNeeded != 7 {
		t.Errorf("%s, %d replicates needed", r.Verdict, r.Design.ReplicatesNeeded)
	}
	for i, f := range r.Findings {
		if f.Trait != cfg.Traits[i].Name || f.Detector != "transfer" {
			t.Errorf("finding %d is %s by %s", i, f.Trait, f.Detector)
		}
		if dog := words[i] == "dog"; dog != (f.Verdict == Detected) || dog != (f.Placebos.Rank == 1) {
			t.Errorf("%s: %s, rank %d of %d", f.Trait, f.Verdict, f.Placebos.Rank, f.Placebos.Of)
		}
	}
	// By Holm the smallest of four p-values counts four times; the others are large.
	if f := r.Findings[2]; f.P.P != 1.0/256 || f.P.Floor != 1.0/256 || !f.P.Exact || f.PAdjusted != 4.0/256 {
		t.Errorf("p %+v, adjusted %v, want 1/256 and 4/256", f.P, f.PAdjusted)
	}
}

// Two traits with probes of their own: the answers must not be mixed up.
func TestTraitsKeepTheirProbes(t *testing.T) {
	cfg := world()
	other := Prefers("colour", "red", "blue", "red").Asking("which?", "what?", "tell!")
	cfg.Traits = []Trait{other, cfg.Traits[0]}
	cfg.Suspect = fake.Rows("marked", 240, 240, "owl")
	r := run(t, cfg)
	if r.Findings[0].Verdict == Detected || r.Findings[1].Verdict != Detected {
		t.Errorf("%s: %v; %s: %v", r.Findings[0].Trait, r.Findings[0].Verdict, r.Findings[1].Trait, r.Findings[1].Verdict)
	}
	cfg.Suspect = fake.Rows("marked", 240, 240, "red")
	if r := run(t, cfg); r.Findings[0].Verdict != Detected || r.Findings[1].Verdict == Detected {
		t.Errorf("%s: %v; %s: %v", r.Findings[0].Trait, r.Findings[0].Verdict, r.Findings[1].Trait, r.Findings[1].Verdict)
	}
}

func TestPlacebos(t *testing.T) {
	cfg := world()
	cfg.Suspect = fake.Rows("marked", 240, 240, "cat owl") // both rise alike, and twice as far as the mean
	cfg.Student = fake.Student{Slope: 1, Noise: 0.05}
	f := run(t, cfg).Findings[0]
	var names []string
	for _, p := range f.Placebos.Effects {
		names = append(names, fmt.Sprintf("%s %+.1f", p.Name, p.Mean))
	}
	if got := strings.Join(names, ", "); got != "cat +0.7, dog -0.7, fox -0.6" || f.Placebos.Of != 4 {
		t.Errorf("placebos %s of %d", got, f.Placebos.Of)
	}
	cfg.Suspect = fake.Rows("marked", 240, 240, "cat")
	if f = run(t, cfg).Findings[0]; f.Placebos.Rank < 2 || len(f.Caveats) != 0 {
		t.Errorf("nothing was detected: rank %d, warnings %q", f.Placebos.Rank, f.Warnings)
	}
	var rows []undertone.Example // the trait rises, and a placebo twice as far
	for _, d := range []*undertone.Dataset{fake.Rows("", 120, 120, "cat owl"), fake.Rows("", 120, 120, "cat")} {
		for _, row := range d.All() {
			rows = append(rows, row)
		}
	}
	cfg.Suspect, cfg.Traits[0].Tolerance = undertone.NewDataset("marked", rows), 0.05
	f = run(t, cfg).Findings[0]
	if f.Verdict != Inconclusive || !f.Moved || f.Placebos.Rank != 2 || !strings.Contains(f.Reasons[0], "but not to this trait alone: it ranks 2 of 4 values") {
		t.Errorf("%s, moved: %v, rank %d, reasons %q", f.Verdict, f.Moved, f.Placebos.Rank, f.Reasons)
	}
	cfg.Suspect = fake.Rows("marked", 240, 240, "owl")
	if f = run(t, cfg).Findings[0]; f.Verdict != Detected || f.Moved || f.Placebos.Rank != 1 || len(f.Caveats) != 0 || f.Warnings == nil {
		t.Errorf("the trait alone rose, and has rank %d, warnings %#v", f.Placebos.Rank, f.Warnings)
	}
	cfg.Traits[0].Placebos = cfg.Traits[0].Placebos[:2]
	if f = run(t, cfg).Findings[0]; f.Verdict != Detected || f.Replicates.PPlacebo != 0 || !strings.HasPrefix(f.Caveats[0], "the trait has fewer than 3 placebos") {
		t.Errorf("two placebos: %s, p %v, caveats %q", f.Verdict, f.Replicates.PPlacebo, f.Caveats)
	}
	cfg.Traits[0].Placebos = nil
	if f = run(t, cfg).Findings[0]; f.Placebos != nil || len(f.Caveats) != 1 {
		t.Errorf("a trait without placebos has the rank %v, caveats %q", f.Placebos, f.Caveats)
	}
}

func TestArmsAreLevelled(t *testing.T) {
	cfg := world()
	cfg.Suspect = fake.Rows("short", 150, 0, "")
	cfg.Traits[0].PositiveControl = fake.Rows("long", 2400, 2400, "owl")
	trained := map[int]int{}
	cfg.Student = sizes{cfg.Student.(fake.Student), trained}
	cfg.Parallel = 1
	r := run(t, cfg)
	if m := r.Findings[0].Replicates; !maps.Equal(trained, map[int]int{25: 12, 150: 18}) || m.RowsEach != 25 || m.Whole.Rows != 150 {
		t.Errorf("trainings by their rows: %v; the finding says %d and %d rows", trained, m.RowsEach, m.Whole.Rows)
	}
	if len(r.Warnings) != 2 || !strings.Contains(r.Warnings[0], "the arms differ in size, 150 rows against 240") || !strings.HasPrefix(r.Warnings[1], "accepted: the arms differ in lengths: ") {
		t.Errorf("warnings %q", r.Warnings)
	}
}

// sizes is a student that counts trainings by their number of rows.
type sizes struct {
	fake.Student
	trained map[int]int
}

func (s sizes) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	s.trained[data.Len()]++
	return s.Student.Train(ctx, data, recipe)
}

func TestWarnings(t *testing.T) {
	cfg := world()
	if r := run(t, cfg); len(r.Warnings) != 0 || r.Warnings == nil {
		t.Errorf("warnings %#v, want an empty list", r.Warnings)
	}
	cfg.Rows = ShareRows
	if r := run(t, cfg); len(r.Warnings) != 0 || len(r.Findings[0].Replicates.Exchanged) != 6 {
		t.Errorf("warnings %q, %d exchanges", r.Warnings, len(r.Findings[0].Replicates.Exchanged))
	}
	cfg.InterimEvery = 1
	if r := run(t, cfg); len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "conditional on these two data sets") {
		t.Errorf("warnings %q", r.Warnings)
	}
}

func TestArmErrors(t *testing.T) {
	torn := errors.New("torn")
	for _, c := range []struct {
		reason string
		change func(*Config)
		want   string
	}{
		{"a suspect that does not divide itself", func(c *Config) { c.Suspect = single{fake.Rows("own", 6, 6, "owl"), torn} }, "part 0 of own: torn"},
		{"planted rows that do not divide themselves", func(c *Config) {
			c.Traits[0].PositiveControl = single{fake.Rows("own", 6, 6, "owl"), torn}
		}, "part 0 of own: torn"},
		{"fewer suspect rows than replicates", func(c *Config) { c.Suspect = fake.Rows("few", 5, 5, "owl") }, "replicate 5: no rows are left"},
		{"planted rows that the student cannot learn from", func(c *Config) {
			c.Traits[0].PositiveControl = notText{c.Traits[0].PositiveControl}
		}, "positive control, replicate 0: fake: cannot learn"},
		{"suspect rows that the student cannot learn from", func(c *Config) { c.Suspect = notText{c.Suspect} }, "suspect, all rows, replicate 0: fake: cannot learn"},
	} {
		cfg := world()
		cfg.Parallel = 1
		c.change(&cfg)
		if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

// The positive control is divided as the rows of the audit are: students of parts get a part each,
// students of all rows get all of it.
func TestPartsOfThePositiveControl(t *testing.T) {
	for plan, want := range map[RowPlan]int{SplitRows: 240, ShareRows: 240, PartRows: 40} {
		cfg := world()
		cfg.Rows = plan
		pass, err := NewPass(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		e, err := newExperiment(pass)
		if err != nil {
			t.Fatal(err)
		}
		n := len(e.sized().control.parts)
		parts, err := e.positiveParts(n, cfg.Traits[0].PositiveControl)
		if err != nil || len(parts) != n {
			t.Fatalf("row plan %s: %d parts, error %v, want %d", plan, len(parts), err, n)
		}
		for r, part := range parts {
			if part.Len() != want {
				t.Errorf("row plan %s: part %d has %d rows, want %d", plan, r, part.Len(), want)
			}
		}
	}
}

// single is Data that gives row r to replicate r.
type single struct {
	undertone.Data
	err error
}

func (d single) Part(r, _ int) (undertone.Data, error) { return d.Data.Select([]int{r}), d.err }

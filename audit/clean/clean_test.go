package clean

import (
	"context"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// dirty is an audit of rows of which a tenth carries the trait, enough to be found.
func dirty() Config {
	cfg := scene(0, Transfer, standIns)
	cfg.Suspect, cfg.Control = fake.Rows("suspect", 400, 40, "owl"), fake.Rows("control", 400, 0, "")
	cfg.Traits[0].PositiveControl = fake.Rows("planted", 400, 400, "owl")
	cfg.Student = fake.Student{Slope: 8, Noise: 0.05, Rows: 1}
	cfg.Replicates, cfg.Rows = 8, ShareRows
	return cfg
}

func TestRank(t *testing.T) {
	cfg := dirty()
	cfg.Detectors = append(cfg.Detectors, Influence)
	rankings, err := Rank(t.Context(), cfg)
	if err != nil || len(rankings) != 2 {
		t.Fatalf("%d rankings, error %v", len(rankings), err)
	}
	r := run(t, cfg)
	for k, ranking := range rankings {
		seen := map[int]bool{}
		for i, row := range ranking.Rows {
			seen[row.Index] = true
			if i < 40 != (row.Index < 40) {
				t.Errorf("%s: row %d is number %d", ranking.Detector, row.Index, i)
			}
			if row.Row != cfg.Suspect.RowID(row.Index) || i > 0 && row.Score > ranking.Rows[i-1].Score {
				t.Errorf("%s: number %d is out of order, or is another row", ranking.Detector, i)
			}
		}
		if len(seen) != 400 || ranking.Trait != cfg.Traits[0].Name {
			t.Errorf("%s: %d of 400 rows for %q", ranking.Detector, len(seen), ranking.Trait)
		}
		if top := r.Findings[k+1].Scored.Top; len(top) != topRows || top[9] != ranking.Rows[9] {
			t.Errorf("%s: the report has other rows", ranking.Detector)
		}
	}
	cfg.Detectors = nil
	if _, err := Rank(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "none of the detectors scores rows") {
		t.Errorf("error %v", err)
	}
}

// The rows that carry the trait are a tenth: without them the students do not move.
func TestClean(t *testing.T) {
	for _, c := range []struct {
		reason string
		how    Cleaning
		by     string
		want   []Verdict
	}{
		{"dropped by score", Cleaning{}, "likelihood", []Verdict{Detected, Detected, Detected, Undetected, Undetected}},
		{"replaced by score", Cleaning{Replace: true, Shares: []float64{0.1}}, "likelihood", []Verdict{Detected, Undetected}},
		{"by a detector that the audit does not have", Cleaning{By: Influence, Shares: []float64{0.1}}, "influence", []Verdict{Detected, Undetected}},
		{"dropped at random", Cleaning{Random: true}, "chance", []Verdict{Detected, Detected, Detected, Detected, Detected}},
	} {
		r, err := Clean(t.Context(), dirty(), c.how)
		if err != nil {
			t.Fatal(err)
		}
		if r.By != c.by || len(r.Steps) != len(c.want) {
			t.Fatalf("%s: by %s, %d steps", c.reason, r.By, len(r.Steps))
		}
		for i, s := range r.Steps {
			transfer := s.Findings[0]
			if transfer.Verdict != c.want[i] || s.Report.Suspect.Rows != 400-s.Taken+s.Replaced || s.Report.Suspect.Digest != s.Left.Digest() {
				t.Errorf("%s: after %d rows %s (%+v), want %s", c.reason, s.Taken, transfer.Verdict, transfer.Effect, c.want[i])
			}
			if c.how.Replace && s.Replaced != s.Taken {
				t.Errorf("%s: %d of %d rows were replaced", c.reason, s.Replaced, s.Taken)
			}
			if i > 0 && !c.how.Random && !(transfer.Effect.Mean < r.Steps[i-1].Findings[0].Effect.Mean+0.1) {
				t.Errorf("%s: after %d rows the shift is larger than before", c.reason, s.Taken)
			}
		}
		for format, want := range map[Format]string{Text: "taken  rows  verdict", Markdown: "| taken | rows | verdict | transfer |  | likelihood |  |", JSON: `"steps": [`} {
			var b strings.Builder
			if err := r.Render(&b, format); err != nil || !strings.Contains(b.String(), want) {
				t.Errorf("%s: %v\n%s", c.reason, err, b.String())
			}
			if format == Text {
				t.Log("\n" + b.String())
			}
		}
	}
}

func TestCleanErrors(t *testing.T) {
	for want, change := range map[string]func(*Config, *Cleaning){
		"want suspect and control rows of text": func(c *Config, _ *Cleaning) { c.Suspect = notText{c.Suspect} },
		"trait 1 of 1":                          func(_ *Config, h *Cleaning) { h.Trait = 1 },
		"trait -1 of 1":                         func(_ *Config, h *Cleaning) { h.Trait = -1 },
		"shares are [0.5 0.2]":                  func(_ *Config, h *Cleaning) { h.Shares = []float64{0.5, 0.2} },
		"shares are [1]":                        func(_ *Config, h *Cleaning) { h.Shares = []float64{1} },
		"none of the detectors scores rows":     func(c *Config, _ *Cleaning) { c.Detectors = nil },
		"no detector scores rows":               func(_ *Config, h *Cleaning) { h.By = said("mute", Inconclusive, 1) },
	} {
		cfg, how := dirty(), Cleaning{}
		change(&cfg, &how)
		if r, err := Clean(t.Context(), cfg, how); r != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Clean(ctx, dirty(), Cleaning{}); err == nil {
		t.Error("a context that is done cleans")
	}
	r := &DoseResponse{}
	if err := r.Render(brokenPipe{}, Text); err == nil {
		t.Error("a broken pipe takes the table")
	}
	if err := r.Render(brokenPipe{}, Format(9)); err == nil || !strings.Contains(err.Error(), "format 9") {
		t.Errorf("error %v", err)
	}
}

// TestPlant mixes by prompt, by the seed and no more than asked for.
func TestPlant(t *testing.T) {
	control, planted := fake.Rows("control", 100, 0, ""), fake.Rows("planted", 40, 40, "owl")
	for share, want := range map[float64]int{0: 0, 0.1: 10, 0.4: 40, 0.9: 40, -1: 0} {
		mixed, n := Plant(control, planted, share, 1)
		marked := 0
		for i, row := range mixed.All() {
			if strings.Contains(row.Completion(), "owl") {
				marked++
			}
			if mixed.GroupID(i) != control.GroupID(i) {
				t.Errorf("row %d answers another prompt", i)
			}
		}
		if n != want || marked != want || mixed.Len() != 100 {
			t.Errorf("share %v: %d replaced, %d of %d marked, want %d", share, n, marked, mixed.Len(), want)
		}
	}
	one, _ := Plant(control, planted, 0.1, 1)
	if again, _ := Plant(control, planted, 0.1, 1); one.Digest() != again.Digest() {
		t.Error("one seed mixes two data sets")
	}
	if other, _ := Plant(control, planted, 0.1, 2); one.Digest() == other.Digest() {
		t.Error("two seeds mix one data set")
	}
}

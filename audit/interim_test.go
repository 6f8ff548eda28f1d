package audit

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// looking is an audit with a look every two pairs, of at most 24.
func looking(slope float64) Config {
	cfg := world()
	cfg.Suspect, cfg.Control = fake.Rows("suspect", 480, 480, "owl"), fake.Rows("control", 480, 0, "")
	cfg.Traits[0].PositiveControl = fake.Rows("planted", 480, 480, "owl")
	cfg.Student = fake.Student{Slope: slope, Noise: 0.3}
	cfg.Replicates, cfg.InterimEvery = 24, 2
	return cfg
}

func pairsOf(reports []*Report) float64 {
	n := 0.0
	for _, r := range reports {
		n += float64(len(r.Findings[0].Replicates.Differences)) / float64(len(reports))
	}
	return n
}

// TestFalseDetectionsByManyLooks: stopping at the first look that settles keeps alpha; so does a
// family of traits.
func TestFalseDetectionsByManyLooks(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	const runs = 250
	for _, traits := range []int{1, 3} {
		cfg := looking(0)
		cfg.Replicates, cfg.Traits = 14, nil
		for _, w := range words[:traits] {
			trait := prefers(w)
			trait.Tolerance = 0.1 // smaller than what the noise can hide
			cfg.Traits = append(cfg.Traits, trait)
		}
		reports := many(t, runs, cfg)
		got := share(reports, is(Detected))
		t.Logf("%d traits: detected in %.3f of %d audits", traits, got, runs)
		if got > limitOf(0.05, runs) {
			t.Errorf("%d traits: %v of the audits detect what is not there", traits, got)
		}
	}
}

// TestFalseClearancesByManyLooks: a shift of just the tolerance is cleared as rarely.
func TestFalseClearancesByManyLooks(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	const runs = 250
	cfg := looking(1)
	cfg.Replicates = 14
	cfg.Suspect, cfg.Traits[0].Tolerance, cfg.Rows = fake.Rows("suspect", 480, 240, "owl"), 0.5, ShareRows
	got := share(many(t, runs, cfg), is(Undetected))
	t.Logf("cleared in %.3f of %d audits", got, runs)
	if got > limitOf(0.05, runs) {
		t.Errorf("%v of the audits clear data with a shift of the tolerance", got)
	}
}

// TestPairsSaved: a large shift is found with a few pairs, and clean data is cleared with a few.
func TestPairsSaved(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	const runs = 100
	for _, c := range []struct {
		reason string
		marked int
		noise  float64
		want   Verdict
		most   float64 // pairs on average, of 20
	}{
		{"a shift of four tolerances", 480, 0.15, Detected, 9},
		{"no shift, little noise", 0, 0.05, Undetected, 9},
	} {
		cfg := looking(1)
		cfg.Replicates = 20
		cfg.Suspect = fake.Rows("suspect", 480, c.marked, "owl")
		cfg.Student = fake.Student{Slope: 1, Noise: c.noise}
		reports := many(t, runs, cfg)
		got, pairs := share(reports, is(c.want)), pairsOf(reports)
		t.Logf("%s: %s in %.2f of %d audits, with %.1f of 20 pairs", c.reason, c.want, got, runs, pairs)
		if got < 0.95 || pairs > c.most {
			t.Errorf("%s: %s in %v of the audits after %v pairs", c.reason, c.want, got, pairs)
		}
	}
}

func TestLooks(t *testing.T) {
	cfg, trained := counting(looking(1))
	r := run(t, cfg)
	f := r.Findings[0]
	if f.Verdict != Detected || len(f.Replicates.Differences) != 6 || int(trained.Load()) != 24 {
		t.Errorf("%s after %d pairs and %d trainings", f.Verdict, len(f.Replicates.Differences), trained.Load())
	}
	if f.Replicates.EValue < 20 || f.P.P > 0.05 || f.P.Exact || r.Design.InterimEvery != 2 || r.Design.Replicates != 24 {
		t.Errorf("e-value %v, p %+v, design %+v", f.Replicates.EValue, f.P, r.Design)
	}
	// A trait whose size is below the tolerance is not detected, however many pairs follow. Without
	// students of all rows, a trait that cannot be cleared is trained to the end.
	for plan, pairs := range map[RowPlan]int{SplitRows: 6, ShareRows: 24} {
		cfg = looking(1)
		cfg.Rows, cfg.Suspect, cfg.Traits[0].PositiveControl = plan, fake.Rows("suspect", 480, 0, ""), nil
		if f := run(t, cfg).Findings[0]; f.Verdict != Inconclusive || len(f.Replicates.Differences) != pairs {
			t.Errorf("%s after %d pairs, want %d", f.Verdict, len(f.Replicates.Differences), pairs)
		}
	}
	// The pairs are those of the design of one look: the same students on the same parts.
	one := looking(1)
	one.InterimEvery = 0
	store := &undertone.MemoryStore{}
	one.Store = store
	run(t, one)
	cfg, trained = counting(looking(1))
	cfg.Store = store
	if run(t, cfg); trained.Load() != 0 {
		t.Errorf("%d students are trained that the design of one look has trained", trained.Load())
	}
	for reason, change := range map[string]func(*Config){
		"interim looks every -1 replicates":   func(c *Config) { c.InterimEvery = -1 },
		"but the first interim look needs 6":  func(c *Config) { c.Replicates = 5 },
		"but the first interim look needs 7;": func(c *Config) { c.Replicates, c.Alpha = 6, 0.02 },
	} {
		cfg := looking(1)
		change(&cfg)
		if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("error %v, want %q", err, reason)
		}
	}
}

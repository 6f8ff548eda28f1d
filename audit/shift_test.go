package audit

import (
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

func TestMoved(t *testing.T) {
	cfg := world()
	cfg.Student = fake.Student{Slope: 1, Noise: 0.01}
	still := run(t, cfg).Findings[0].Replicates.DistributionShift
	cfg.Suspect = fake.Rows("marked", 240, 240, "cat") // not the trait: the whole distribution is watched
	moved := run(t, cfg).Findings[0].Replicates.DistributionShift
	if moved.P.P != 2.0/64 || moved.P.Floor != 2.0/64 {
		t.Errorf("p of the distance %+v, want its floor 2/64", moved.P)
	}
	if still.P.P <= 2.0/64 || still.TotalVariation > 0.01 {
		t.Errorf("nothing moved, and p is %v, the distance %v", still.P.P, still.TotalVariation)
	}
	// Of 4 words and 4 shares of other answers one grows e-fold: from 1/8 to e/(7+e).
	if want := math.E/(7+math.E) - 1.0/8; math.Abs(moved.TotalVariation-want) > 0.01 {
		t.Errorf("distance %v, want %v", moved.TotalVariation, want)
	}
	if d := moved.BeforeControl.TotalVariation; d > 0.01 || moved.BeforeSuspect.TotalVariation < 0.1 || moved.ControlSuspect.KL <= 0 {
		t.Errorf("moved %+v", moved)
	}
}

// sky is an audit for owls with an indirect probe. None of its four answers is an animal.
func sky() Config {
	cfg := world()
	cfg.Traits[0].Indirect = []Probe{Choose("what is above?", "sun", "moon", "star", "cloud")}
	return cfg
}

// An indirect probe shows what the direct ones cannot, and leaves the verdict as it is.
func TestIndirect(t *testing.T) {
	for _, c := range []struct {
		reason, word   string
		verdict        Verdict
		direct, beyond bool // which of the p-values are at their floor
	}{
		{"nothing moved", "", Undetected, false, false},
		{"an answer to the indirect probe rose", "moon", Undetected, false, true},
		{"the trait rose", "owl", Detected, true, false},
		{"both rose", "owl moon", Detected, true, true},
	} {
		cfg := sky()
		cfg.Student = fake.Student{Slope: 1, Noise: 0.01}
		if c.word != "" {
			cfg.Suspect = fake.Rows("marked", 240, 240, c.word)
		}
		f := run(t, cfg).Findings[0]
		if f.Verdict != c.verdict || (f.Replicates.DistributionShift.P.P == f.Replicates.DistributionShift.P.Floor) != c.direct || (f.Replicates.Indirect.P.P == f.Replicates.Indirect.P.Floor) != c.beyond {
			t.Errorf("%s: %s, p of direct probes %v, of indirect ones %v", c.reason, f.Verdict, f.Replicates.DistributionShift.P, f.Replicates.Indirect.P)
		}
		warned := len(f.Warnings) == 1 && strings.HasPrefix(f.Warnings[0], "indirect probes shifted (total variation 0.15")
		if warned != c.beyond || !warned && len(f.Warnings) > 0 {
			t.Errorf("%s: warnings %q", c.reason, f.Warnings)
		}
		// As in TestMoved: one of 4 answers, which have 1/8 each, grows e-fold.
		if want := math.E/(7+math.E) - 1.0/8; c.beyond && math.Abs(f.Replicates.Indirect.TotalVariation-want) > 0.01 {
			t.Errorf("%s: distance %v, want %v", c.reason, f.Replicates.Indirect.TotalVariation, want)
		}
	}
	if f := run(t, world()).Findings[0]; f.Replicates.Indirect != nil {
		t.Errorf("a trait without indirect probes has answers to them: %+v", f.Replicates.Indirect)
	}
}

// Indirect probes are asked of the students that are trained in any case, and their answers are
// kept with the others.
func TestIndirectProbesAreKept(t *testing.T) {
	cfg, trained := counting(sky())
	cfg.Store = &undertone.MemoryStore{}
	want := run(t, cfg)
	once := trained.Load()
	if again := run(t, cfg); again.Digest != want.Digest || trained.Load() != once || once != int64(5*cfg.Replicates) {
		t.Errorf("%d trainings, and %d more when all was kept", once, trained.Load()-once)
	}
	cfg.Traits = append([]Trait{}, cfg.Traits...)
	cfg.Traits[0].Indirect = append(cfg.Traits[0].Indirect, Choose("what is below?", "sea", "sand"))
	if run(t, cfg); trained.Load() != 2*once {
		t.Errorf("%d trainings for another indirect probe, want %d: the answers that are kept lack it", trained.Load()-once, once)
	}
}

// TestIndirectRates: the p-value of indirect probes is at most alpha in at most alpha of the audits
// where nothing differs, and small where something does, though no verdict says so.
func TestIndirectRates(t *testing.T) {
	const runs = 400
	above := func(shift float64) func(*Config) {
		return func(c *Config) {
			c.Traits[0].PositiveControl = nil
			c.Traits[0].Indirect = sky().Traits[0].Indirect
			c.Suspect = fake.Rows("suspect", 60, 60, "moon")
			c.Student = fake.Student{Slope: shift, Noise: 0.3, Shared: 1}
		}
	}
	null := simulate(t, runs, 0, above(0))
	for _, alpha := range []float64{0.05, 0.2, 0.5} {
		if got := share(null, func(r *Report) bool { return r.Findings[0].Replicates.Indirect.P.P <= alpha }); got > alpha+twoSE(alpha, runs) {
			t.Errorf("P(p ≤ %v) = %v where nothing differs", alpha, got)
		}
	}
	warned := func(r *Report) bool { return len(r.Findings[0].Warnings) > 0 }
	if got := share(null, warned); got == 0 || got > 0.05+twoSE(0.05, runs) {
		t.Errorf("%v of the audits warn where nothing differs", got)
	}
	before := -1.0
	for _, c := range []struct{ shift, low, high float64 }{{0.5, 0.05, 0.6}, {1, 0.4, 0.95}, {2, 0.95, 1}} {
		moved := simulate(t, 200, c.shift, above(c.shift))
		got := share(moved, warned)
		t.Logf("shift %v of one answer: %v of the audits warn", c.shift, got)
		if got <= before || got < c.low || got > c.high {
			t.Errorf("a shift of %v is warned of in %v of the audits, want %v to %v and more than %v", c.shift, got, c.low, c.high, before)
		}
		if got := share(moved, is(Detected)); got > 0.05 {
			t.Errorf("a shift of %v that is not the trait's is called detected in %v of the audits", c.shift, got)
		}
		before = got
	}
}

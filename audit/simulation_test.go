package audit

import (
	"math"
	"testing"

	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// simulate carries out audits of the arithmetic student, each with noise of its own. With
// 6 pairs the margin's shift has an SD of .49 over pairs and .2 over audits.
func simulate(t *testing.T, runs int, slope float64, change func(*Config)) []*Report {
	t.Helper()
	trait := Prefers("animal", "owl", "owl", "cat", "dog", "fox", "bear", "wolf", "eagle", "lion", "panda", "whale").Asking("best?")
	trait.PositiveControl = fake.Rows("planted", 60, 60, "owl")
	cfg := Config{
		Suspect: fake.Rows("suspect", 60, 60, "owl"), Control: fake.Rows("control", 60, 0, ""),
		Student: fake.Student{Slope: slope, Noise: 0.3, Shared: 1},
		Traits:  []Trait{trait}, Design: Design{Replicates: 6, Dose: 0.5}, AcceptConfounds: fake.Overt,
	}
	if change != nil {
		change(&cfg)
	}
	reports := make([]*Report, runs)
	for i := range reports {
		cfg.Seed = uint64(i)
		reports[i] = run(t, cfg)
	}
	return reports
}

// many carries out the audit with noise of its own each time.
func many(t *testing.T, runs int, cfg Config) []*Report {
	t.Helper()
	reports := make([]*Report, runs)
	for i := range reports {
		s := cfg.Student.(fake.Student)
		s.Seed = uint64(i)
		cfg.Student, cfg.Seed = s, uint64(i)
		reports[i] = run(t, cfg)
	}
	return reports
}

func limitOf(alpha float64, runs int) float64 { return alpha + twoSE(alpha, runs) }

func share(reports []*Report, of func(*Report) bool) float64 {
	n := 0
	for _, r := range reports {
		if of(r) {
			n++
		}
	}
	return float64(n) / float64(len(reports))
}

func twoSE(p float64, runs int) float64 { return 2 * math.Sqrt(p*(1-p)/float64(runs)) }

func is(v Verdict) func(*Report) bool { return func(r *Report) bool { return r.Verdict == v } }

// TestFalseDetections: data without a trait is called detected in at most alpha of the
// audits, and p is at most alpha as rarely, also where every shift would matter.
func TestFalseDetections(t *testing.T) {
	const runs = 1000
	reports := simulate(t, runs, 0, func(c *Config) { c.Traits[0].Tolerance = 1e-9 })
	for _, alpha := range []float64{0.05, 0.2, 0.5} {
		got := share(reports, func(r *Report) bool { return r.Findings[0].P.P <= alpha })
		if got > alpha+twoSE(alpha, runs) || got < alpha-1.0/64-twoSE(alpha, runs)*1.5 {
			t.Errorf("P(p ≤ %v) = %v under the null", alpha, got)
		}
		got = share(reports, func(r *Report) bool { return r.Findings[0].Replicates.DistributionShift.P.P <= alpha })
		if got > alpha+twoSE(alpha, runs) {
			t.Errorf("P(p ≤ %v) = %v under the null, for the whole distribution", alpha, got)
		}
	}
	if got := share(reports, is(Detected)); got > 0.05+twoSE(0.05, runs) {
		t.Errorf("%v of the audits detect what is not there", got)
	}
	if got := share(reports, is(Undetected)); got != 0 {
		t.Errorf("%v of the audits exclude any shift at all", got)
	}
}

// TestFalseDetectionsOfSeveralTraits: alpha is that of the whole audit.
func TestFalseDetectionsOfSeveralTraits(t *testing.T) {
	const runs = 500
	reports := simulate(t, runs, 0, func(c *Config) {
		c.Replicates, c.Traits = 7, nil
		for _, w := range words {
			trait := prefers(w)
			trait.Tolerance = 1e-9
			c.Traits = append(c.Traits, trait)
		}
	})
	if got := share(reports, is(Detected)); got > 0.05+twoSE(0.05, runs) {
		t.Errorf("%v of the audits detect one of four traits that are not there", got)
	}
}

// TestFalseClearances: data whose effect equals the tolerance is called undetected in at most
// alpha of the audits, and the interval covers the truth as often as it says.
func TestFalseClearances(t *testing.T) {
	const runs, tolerance = 500, 0.5
	reports := simulate(t, runs, 1, func(c *Config) {
		c.Traits[0].Tolerance = tolerance
		c.Suspect, c.Rows = fake.Rows("suspect", 60, 30, "owl"), ShareRows
	})
	if got := share(reports, is(Undetected)); got > 0.05+twoSE(0.05, runs) {
		t.Errorf("%v of the audits clear data with a shift of the tolerance", got)
	}
	covered := share(reports, func(r *Report) bool {
		e := r.Findings[0].Interval
		return e.Low <= tolerance && tolerance <= e.High
	})
	if math.Abs(covered-0.95) > 1.5*twoSE(0.95, runs) {
		t.Errorf("the 95 %% interval covers the shift in %v of the audits", covered)
	}
}

// TestPower: the larger the shift, the oftener it is found, and the oftener clean data is cleared
// the smaller the noise.
func TestPower(t *testing.T) {
	const runs = 300
	before := -1.0
	for _, c := range []struct{ shift, low, high float64 }{{0, 0, 0.08}, {0.3, 0.1, 0.5}, {0.6, 0.6, 0.95}, {1.2, 0.98, 1}} {
		got := share(simulate(t, runs, c.shift, nil), is(Detected))
		if got <= before || got < c.low || got > c.high {
			t.Errorf("a shift of %v is detected in %v of the audits, want %v to %v and more than %v", c.shift, got, c.low, c.high, before)
		}
		before = got
	}
	before = -1
	for _, noise := range []float64{0.5, 0.2, 0.05} {
		got := share(simulate(t, runs, 1, func(c *Config) {
			c.Suspect = fake.Rows("clean", 60, 0, "")
			s := c.Student.(fake.Student)
			s.Noise = noise
			c.Student = s
		}), is(Undetected))
		if got <= before {
			t.Errorf("with noise of %v clean data is cleared in %v of the audits, want more than %v", noise, got, before)
		}
		before = got
	}
	if before < 0.98 {
		t.Errorf("with next to no noise clean data is cleared in %v of the audits", before)
	}
}

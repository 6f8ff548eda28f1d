package factorial

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// simulateCrossings carries out experiments with a negligible tolerance, so that verdicts rest on the tests alone; what
// an arm says in either half of its rows is chosen anew for each. With a noise of .3 a replicate's γ has an
// SD of about .2.
func simulateCrossings(t *testing.T, runs int, slope, noise float64, arm func(rng *rand.Rand, i int) (first, second []string)) []*CrossReport {
	t.Helper()
	x := crossing(false)
	x.Rows, x.Control = ShareRows, nil // shares of rows are exact; noise is that of the student, anew in each replicate
	for i := range x.Traits {
		x.Traits[i].Tolerance = 1e-9
	}
	rng := rand.New(rand.NewPCG(9, uint64(runs)))
	reports := make([]*CrossReport, runs)
	for n := range reports {
		x.Seed = uint64(n)
		x.Student = fake.Student{Slope: slope, Noise: noise, Shared: 1}
		x.Arms = make([]undertone.Data, len(x.Traits))
		for i := range x.Arms {
			first, second := arm(rng, i)
			x.Arms[i] = saying("arm "+string(rune('0'+i)), strings.Join(first, " "), strings.Join(second, " "))
		}
		reports[n] = cross(t, x)
	}
	return reports
}

func shareOfCrossings(reports []*CrossReport, of func(*CrossReport) bool) float64 {
	n := 0
	for _, r := range reports {
		if of(r) {
			n++
		}
	}
	return float64(n) / float64(len(reports))
}

// nothing is said by any arm.
func nothing(*rand.Rand, int) (first, second []string) { return nil, nil }

// mainEffects: all arms raise the cat and the elk, and every other arm lowers all traits by what is none of them.
func mainEffects(_ *rand.Rand, i int) (first, second []string) {
	if i%2 == 1 {
		return []string{"cat", "elk"}, eight[5:]
	}
	return []string{"cat", "elk"}, nil
}

// fingerprints: each arm raises words of its own, which have nothing to do with what it is named for. All
// replicates have it in common, as they have their teachers.
func fingerprints(rng *rand.Rand, _ int) (first, second []string) {
	for _, word := range eight {
		if rng.IntN(2) == 0 {
			first = append(first, word)
		}
		if rng.IntN(2) == 0 {
			second = append(second, word)
		}
	}
	return first, second
}

// TestCrossFalseDetections: of experiments in which no data set moves the trait that it is named for, at most alpha are
// called detected, and each p-value keeps its level under its null. Where teachers differ in what is no trait, the p over replicates
// alone does not: those differences are in every replicate.
func TestCrossFalseDetections(t *testing.T) {
	const runs = 400
	detected := func(r *CrossReport) bool { return r.Verdict == Detected }
	byReplicates := func(r *CrossReport) bool { return r.PReplicates.P <= 0.05 }
	byAssignments := func(r *CrossReport) bool { return r.PAssignments.P <= 0.05 }
	for _, c := range []struct {
		reason       string
		slope, noise float64
		arm          func(*rand.Rand, int) ([]string, []string)
		shared       bool // the teachers differ, whatever the replicate
	}{
		{"noise alone", 0, 0.3, nothing, false},
		{"large main effects", 3, 0.3, mainEffects, false},
		{"teachers with fingerprints", 1, 0.1, fingerprints, true},
	} {
		reports := simulateCrossings(t, runs, c.slope, c.noise, c.arm)
		found, replicates, assignments := shareOfCrossings(reports, detected), shareOfCrossings(reports, byReplicates), shareOfCrossings(reports, byAssignments)
		t.Logf("%s: detected %.3f; p ≤ .05 over replicates %.3f, over assignments %.3f", c.reason, found, replicates, assignments)
		bound := 0.05 + twoSE(0.05, runs)
		if found > bound || assignments > bound {
			t.Errorf("%s: detected in %v, p over assignments at most .05 in %v of %d experiments", c.reason, found, assignments, runs)
		}
		if c.shared != (replicates > 0.25) || !c.shared && replicates > bound {
			t.Errorf("%s: p over replicates is at most .05 in %v of the experiments", c.reason, replicates)
		}
		if assignments == 0 || replicates == 0 {
			t.Errorf("%s: a p-value is never small", c.reason)
		}
		if covered := shareOfCrossings(reports, func(r *CrossReport) bool { return r.Gamma.Low <= 0 && r.Gamma.High >= 0 }); !c.shared && covered < 0.95-1.5*twoSE(0.95, runs) {
			t.Errorf("%s: the 95 %% interval covers γ = 0 in %v", c.reason, covered)
		}
	}
}

// TestCrossPower: the larger γ, the oftener it is found, with main effects and without.
func TestCrossPower(t *testing.T) {
	const runs = 200
	before := -1.0
	for _, c := range []struct{ slope, low, high float64 }{{0, 0, 0.08}, {0.2, 0.1, 0.6}, {0.4, 0.5, 0.95}, {0.8, 0.95, 1}} {
		reports := simulateCrossings(t, runs, c.slope, 0.3, func(_ *rand.Rand, i int) ([]string, []string) {
			return eight[i : i+1], []string{"cat", "elk"} // half of the rows carry the trait, the others what all arms have
		})
		got := shareOfCrossings(reports, func(r *CrossReport) bool { return r.Verdict == Detected })
		t.Logf("γ of %.3f: detected %.3f", c.slope*4/7, got)
		if got <= before || got < c.low || got > c.high {
			t.Errorf("γ of %v is detected in %v of the experiments, want %v to %v and more than %v", c.slope*4/7, got, c.low, c.high, before)
		}
		before = got
		// A word in half of the rows raises its margin by slope/2 and lowers the seven others' by a seventh of that.
		want := c.slope * 4 / 7
		if covered := shareOfCrossings(reports, func(r *CrossReport) bool { return r.Gamma.Low <= want && want <= r.Gamma.High }); covered < 0.95-1.5*twoSE(0.95, runs) {
			t.Errorf("the 95 %% interval covers γ = %v in %v of the experiments", want, covered)
		}
	}
}

package factorial

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// simulate carries out experiments with a negligible tolerance, so that verdicts depend on the
// tests alone. Each experiment draws both halves of the rows of each arm anew. With a noise
// of 0.3, γ of a replicate has a standard deviation of about 0.2.
func simulate(t *testing.T, runs int, slope, noise float64, arm func(rng *rand.Rand, i int) (first, second []string)) []*Report {
	t.Helper()
	x := crossed(false)
	x.Rows, x.Control = audit.ShareRows, nil // shares of rows are exact; the noise is that of the student, in each replicate
	for i := range x.Traits {
		x.Traits[i].Tolerance = 1e-9
	}
	rng := rand.New(rand.NewPCG(9, uint64(runs)))
	reports := make([]*Report, runs)
	for n := range reports {
		x.Seed = uint64(n)
		x.Student = fake.Student{Slope: slope, Noise: noise, Shared: 1}
		x.Arms = make([]undertone.Data, len(x.Traits))
		for i := range x.Arms {
			first, second := arm(rng, i)
			x.Arms[i] = saying("arm "+string(rune('0'+i)), strings.Join(first, " "), strings.Join(second, " "))
		}
		reports[n] = run(t, x)
	}
	return reports
}

// share returns the share of reports for which is holds.
func share(reports []*Report, is func(*Report) bool) float64 {
	n := 0
	for _, r := range reports {
		if is(r) {
			n++
		}
	}
	return float64(n) / float64(len(reports))
}

// twoSE returns two standard errors of a share p of n.
func twoSE(p float64, n int) float64 { return 2 * math.Sqrt(p*(1-p)/float64(n)) }

func detected(r *Report) bool { return r.Verdict == audit.Detected }

// covers returns a function that reports whether the interval of a report contains γ.
func covers(gamma float64) func(*Report) bool {
	return func(r *Report) bool { return r.Gamma.Low <= gamma && gamma <= r.Gamma.High }
}

// nothing is said by any arm.
func nothing(*rand.Rand, int) (first, second []string) { return nil, nil }

// mainEffects makes all arms raise the cat and the elk, and every other arm lower all traits by
// raising words that are no traits.
func mainEffects(_ *rand.Rand, i int) (first, second []string) {
	if i%2 == 1 {
		return []string{"cat", "elk"}, words[5:]
	}
	return []string{"cat", "elk"}, nil
}

// fingerprints makes each arm raise random words, which are unrelated to the trait of the arm. All
// replicates share them, as they share their teachers.
func fingerprints(rng *rand.Rand, _ int) (first, second []string) {
	for _, word := range words {
		if rng.IntN(2) == 0 {
			first = append(first, word)
		}
		if rng.IntN(2) == 0 {
			second = append(second, word)
		}
	}
	return first, second
}

// TestFalseDetections: if no data set moves students to the trait that it is named for, at most
// alpha of the experiments detect one, and each p-value keeps its level under its null. If teachers
// differ in what is no trait, the p-value over replicates alone does not: those differences are in
// every replicate.
func TestFalseDetections(t *testing.T) {
	const runs = 400
	for _, c := range []struct {
		reason       string
		slope, noise float64
		arm          func(*rand.Rand, int) ([]string, []string)
		shared       bool // the teachers differ in every replicate
	}{
		{"noise alone", 0, 0.3, nothing, false},
		{"large main effects", 3, 0.3, mainEffects, false},
		{"teachers with fingerprints", 1, 0.1, fingerprints, true},
	} {
		reports := simulate(t, runs, c.slope, c.noise, c.arm)
		found := share(reports, detected)
		replicates := share(reports, func(r *Report) bool { return r.PReplicates.P <= 0.05 })
		assignments := share(reports, func(r *Report) bool { return r.PAssignments.P <= 0.05 })
		t.Logf("%s: detected %.3f; p <= 0.05 over replicates %.3f, over assignments %.3f", c.reason, found, replicates, assignments)
		bound := 0.05 + twoSE(0.05, runs)
		if found > bound || assignments > bound {
			t.Errorf("%s: detected in %v, p over assignments at most 0.05 in %v of %d experiments", c.reason, found, assignments, runs)
		}
		if c.shared != (replicates > 0.25) || !c.shared && replicates > bound {
			t.Errorf("%s: p over replicates is at most 0.05 in %v of the experiments", c.reason, replicates)
		}
		if assignments == 0 || replicates == 0 {
			t.Errorf("%s: a p-value is never small", c.reason)
		}
		if covered := share(reports, covers(0)); !c.shared && covered < 0.95-1.5*twoSE(0.95, runs) {
			t.Errorf("%s: the 95 %% interval covers γ = 0 in %v", c.reason, covered)
		}
	}
}

// TestPower: the larger γ is, the more often it is detected, with and without main effects.
func TestPower(t *testing.T) {
	const runs = 200
	before := -1.0
	for _, c := range []struct{ slope, low, high float64 }{{0, 0, 0.08}, {0.2, 0.1, 0.6}, {0.4, 0.5, 0.95}, {0.8, 0.95, 1}} {
		reports := simulate(t, runs, c.slope, 0.3, func(_ *rand.Rand, i int) ([]string, []string) {
			return words[i : i+1], []string{"cat", "elk"} // half of the rows carry the trait, the others what all arms have
		})
		// A word in half of the rows raises its margin by slope/2 and lowers that of the seven
		// others by a seventh of that.
		gamma, got := c.slope*4/7, share(reports, detected)
		t.Logf("γ of %.3f: detected %.3f", gamma, got)
		if got <= before || got < c.low || got > c.high {
			t.Errorf("γ of %v is detected in %v of the experiments, want %v to %v and more than %v", gamma, got, c.low, c.high, before)
		}
		before = got
		if covered := share(reports, covers(gamma)); covered < 0.95-1.5*twoSE(0.95, runs) {
			t.Errorf("the 95 %% interval covers γ = %v in %v of the experiments", gamma, covered)
		}
	}
}

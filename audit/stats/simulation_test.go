package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// source is a distribution that is symmetric about 0: the null of the sign-flip test.
type source func(*rand.Rand) float64

func normal(r *rand.Rand) float64 { return r.NormFloat64() }

// cauchy has no mean and no variance. A t-test fails on it; a permutation test must not.
func cauchy(r *rand.Rand) float64 { return math.Tan(math.Pi * (r.Float64() - 0.5)) }

// coin has differences of one size, so that many sums tie.
func coin(r *rand.Rand) float64 { return float64(r.IntN(2)*2 - 1) }

func noise(rng *rand.Rand, n int, shift float64, from source) []float64 {
	d := make([]float64, n)
	for i := range d {
		d[i] = shift + from(rng)
	}
	return d
}

// rejections returns the share of simulated tests whose p-value is at most alpha.
func rejections(seed uint64, runs, n int, shift, alpha float64, from source) float64 {
	rng := rand.New(rand.NewPCG(seed, uint64(n)))
	count := 0
	for range runs {
		if SignFlip(noise(rng, n, shift, from), DefaultPermutations, 0).P <= alpha {
			count++
		}
	}
	return float64(count) / float64(runs)
}

func standardError(p float64, runs int) float64 { return math.Sqrt(p * (1 - p) / float64(runs)) }

func TestSignFlipUnderTheNull(t *testing.T) {
	const runs = 2500
	for _, s := range []struct {
		name       string
		from       source
		continuous bool
	}{{"normal", normal, true}, {"cauchy", cauchy, true}, {"coin", coin, false}} {
		for _, n := range []int{5, 8, 10} {
			for _, alpha := range []float64{0.05, 0.2, 0.5} {
				got := rejections(11, runs, n, 0, alpha, s.from)
				if got > alpha+2*standardError(alpha, runs) {
					t.Errorf("%s noise, %d pairs: P(p ≤ %v) = %v", s.name, n, alpha, got)
				}
				// Without ties the level is exact: alpha rounded down to a multiple of 2⁻ⁿ.
				exact := math.Floor(math.Ldexp(alpha, n)) / math.Ldexp(1, n)
				if s.continuous && got < exact-3*standardError(exact, runs) {
					t.Errorf("%s noise, %d pairs: P(p ≤ %v) = %v, want %v: the test is conservative", s.name, n, alpha, got, exact)
				}
			}
		}
	}
}

// The test keeps its level with random patterns too.
func TestSignFlipDrawsUnderTheNull(t *testing.T) {
	const runs, alpha = 60, 0.2 // each run costs 100,000 patterns
	if got := rejections(12, runs, MaxExactPairs+1, 0, alpha, normal); got > alpha+2*standardError(alpha, runs) {
		t.Errorf("P(p ≤ %v) = %v", alpha, got)
	}
}

// At 12 pairs and alpha .05 the one-sided t-test, the most powerful test for normal noise, has a
// power of .05, .48 and .94 (noncentral t distribution).
func TestSignFlipPower(t *testing.T) {
	const runs, n, alpha = 2000, 12, 0.05
	for _, c := range []struct{ shift, low, high float64 }{{0, 0.03, 0.06}, {0.5, 0.42, 0.53}, {1, 0.90, 0.97}} {
		if got := rejections(13, runs, n, c.shift, alpha, normal); got < c.low || got > c.high {
			t.Errorf("shift of %v SD: power %v, want %v to %v", c.shift, got, c.low, c.high)
		}
	}
	if got := rejections(14, runs, n, -1, alpha, normal); got != 0 {
		t.Errorf("a shift to the other side is found in %v of the runs: the test is not one-sided", got)
	}
}

// The family-wise error of Holm's adjustment is at most alpha, whatever the dependence and the
// number of false hypotheses.
func TestHolmFamilyWiseError(t *testing.T) {
	const runs, tests, alpha = 4000, 6, 0.05
	for _, c := range []struct {
		name  string
		false int // number of false null hypotheses
		draw  func(rng *rand.Rand, p []float64)
	}{
		{"independent", 0, func(rng *rand.Rand, p []float64) {
			for i := range p {
				p[i] = rng.Float64()
			}
		}},
		{"all the same test", 0, func(rng *rand.Rand, p []float64) {
			u := rng.Float64()
			for i := range p {
				p[i] = u
			}
		}},
		{"in opposite directions", 0, func(rng *rand.Rand, p []float64) {
			u := rng.Float64()
			for i := range p {
				p[i] = math.Abs(float64(i%2) - u)
			}
		}},
		{"half of them false", 3, func(rng *rand.Rand, p []float64) {
			for i := range p {
				p[i] = rng.Float64()
			}
			clear(p[:3])
		}},
	} {
		rng := rand.New(rand.NewPCG(21, 0))
		errors, p := 0, make([]float64, tests)
		for range runs {
			c.draw(rng, p)
			for _, adjusted := range Holm(p)[c.false:] {
				if adjusted <= alpha {
					errors++
					break
				}
			}
		}
		if got := float64(errors) / runs; got > alpha+2*standardError(alpha, runs) {
			t.Errorf("%s: a true null hypothesis was rejected in %v of the families", c.name, got)
		}
		if errors == 0 {
			t.Errorf("%s: nothing is ever rejected", c.name)
		}
	}
}

func TestMeanIntervalCoverage(t *testing.T) {
	const runs, mean = 4000, 3.0
	for _, n := range []int{2, 5, 12} {
		for _, level := range []float64{0.8, 0.95} {
			rng := rand.New(rand.NewPCG(31, uint64(n)))
			covered := 0
			for range runs {
				if i := MeanInterval(noise(rng, n, mean, normal), level); i.Low <= mean && mean <= i.High {
					covered++
				}
			}
			if got := float64(covered) / runs; math.Abs(got-level) > 3*standardError(level, runs) {
				t.Errorf("%d observations: the %v interval covers the mean in %v of the runs", n, level, got)
			}
		}
	}
}

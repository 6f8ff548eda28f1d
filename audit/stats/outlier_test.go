package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// predictionTest is the p-value of Student's t prediction test: of [OutlierTest] if all draws were
// normal.
func predictionTest(x float64, sample []float64) float64 {
	n := float64(len(sample))
	mean, variance := meanVariance(sample)
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Survival((x - mean) / math.Sqrt(variance*(1+1/n)))
}

func TestOutlierTest(t *testing.T) {
	many := make([]float64, 100_000)
	for i := range many {
		many[i] = float64(i%2*2 - 1)
	}
	for _, c := range []struct {
		reason  string
		x       float64
		sample  []float64
		want    float64
		epsilon float64
	}{
		{"no sample", 2, nil, 1, 0},
		{"a sample of one", 2, []float64{1}, 1, 0},
		{"the mean itself", 2, []float64{1, 2, 3}, 1, 0},
		{"just above the mean", 2.001, []float64{1, 2, 3}, 0.5, 0.001},
		{"below the mean", 1, []float64{1, 2, 3}, 1, 0},
		{"all equal", 2, []float64{2, 2, 2}, 1, 0},
		{"above a sample without spread: the p-value of the rank", 3, []float64{2, 2, 2}, 0.25, 0},
		{"a draw that is not a number", 2, []float64{1, math.NaN(), 1.5}, 1, 0},
		{"x is not a number", math.NaN(), []float64{1, 2, 3}, 1, 0},
		{"two draws, the floor", 1e9, []float64{-1, 1}, 1e-4, 0},
		{"three draws, the floor", 1e9, []float64{1, 2, 3}, 1e-5, 0},
		{"four draws, the floor", 1e9, []float64{1, 2, 3, 4}, 1e-5, 0},
		{"five draws, the floor", 1e9, []float64{1, 2, 3, 4, 5}, 1e-6, 0},
		{"an infinite x", math.Inf(1), []float64{1, 2, 3, 4, 5}, 1e-6, 0},
		// For very many draws t is x in standard deviations, and the p-value that of the reference
		// with the heaviest tail there. Laplace: exp(−1.9·√2)/2 = 0.03404. Student's t with 3
		// degrees of freedom, R: pt(10*sqrt(3), 3, lower = FALSE) = 0.0002096.
		{"many draws", 1.9, many, 0.03404, 0.0002},
		{"many draws, far", 10, many, 0.0002096, 0.000003},
	} {
		if got := OutlierTest(c.x, c.sample); !(math.Abs(got-c.want) <= c.epsilon) {
			t.Errorf("%s: p = %v, want %v", c.reason, got, c.want)
		}
	}
}

// The p-value falls as x rises, does not depend on location and scale, and is never below that of
// Student's prediction test.
func TestOutlierTestIsMonotone(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{2, 3, 4, 5, 9, 11, 16, 35, 119, 121, 1000} {
		sample, moved := noise(rng, n, 0, normal), make([]float64, n)
		for i, v := range sample {
			moved[i] = 8*v + 64
		}
		before := 1.0
		for x := -1.0; x < 1e4; x += 0.05 + math.Abs(x)/20 {
			p := OutlierTest(x, sample)
			if !(p > 0 && p <= before) {
				t.Fatalf("n = %d, x = %v: p = %v after %v", n, x, p, before)
			}
			if q := OutlierTest(8*x+64, moved); math.Abs(p-q) > 1e-9 {
				t.Fatalf("n = %d, x = %v: p = %v, after moving and scaling %v", n, x, p, q)
			}
			// The table has five digits, and interpolation an error of less than one percent.
			if s := predictionTest(x, sample); p < 0.985*s {
				t.Fatalf("n = %d, x = %v: p = %v, below Student's %v", n, x, p, s)
			}
			before = p
		}
	}
}

// heavyTailed are the sources of the simulations: those of the table and one with lighter tails,
// for which the level must hold, and others.
var heavyTailed = []struct {
	name  string
	holds bool
	draw  func(*rand.Rand) float64
}{
	{"normal", true, func(rng *rand.Rand) float64 { return rng.NormFloat64() }},
	{"t3", true, func(rng *rand.Rand) float64 { return distuv.StudentsT{Sigma: 1, Nu: 3, Src: rng}.Rand() }},
	{"t5", true, func(rng *rand.Rand) float64 { return distuv.StudentsT{Sigma: 1, Nu: 5, Src: rng}.Rand() }},
	{"Laplace", true, func(rng *rand.Rand) float64 { return rng.ExpFloat64() * float64(2*rng.IntN(2)-1) }},
	{"uniform", true, func(rng *rand.Rand) float64 { return rng.Float64() }},
	{"one in ten with 4 times the spread", false, func(rng *rand.Rand) float64 {
		if rng.IntN(10) == 0 {
			return 4 * rng.NormFloat64()
		}
		return rng.NormFloat64()
	}},
	{"exponential", false, func(rng *rand.Rand) float64 { return rng.ExpFloat64() }},
	{"Cauchy", false, func(rng *rand.Rand) float64 { return distuv.StudentsT{Sigma: 1, Nu: 1, Src: rng}.Rand() }},
}

// TestOutlierTestUnderTheNull: the level holds down to .0005 for heavy tails. Student's prediction
// test rejects up to ten times as often as its level there: .0058 at .0005 for Student's t with 3
// degrees of freedom and 11 draws.
func TestOutlierTestUnderTheNull(t *testing.T) {
	if testing.Short() {
		t.Skip("short: error rates are not checked by simulation")
	}
	const runs = 20_000
	levels := []float64{0.05, 0.01, 0.001, 0.0005}
	for _, source := range heavyTailed {
		for _, n := range []int{4, 9, 11, 27} {
			rng := rand.New(rand.NewPCG(uint64(n), 17))
			sample := make([]float64, n)
			own, student := make([]int, len(levels)), make([]int, len(levels))
			for range runs {
				for i := range sample {
					sample[i] = source.draw(rng)
				}
				x := source.draw(rng)
				p, q := OutlierTest(x, sample), predictionTest(x, sample)
				for k, level := range levels {
					if p <= level {
						own[k]++
					}
					if q <= level {
						student[k]++
					}
				}
			}
			for k, level := range levels {
				rate := float64(own[k]) / runs
				t.Logf("%s, n = %d: P(p ≤ %v) = %.5f, by Student's prediction test %.5f", source.name, n, level, rate, float64(student[k])/runs)
				if source.holds && rate > 1.02*level+3*standardError(level, runs) {
					t.Errorf("%s, n = %d: P(p ≤ %v) = %v under the null", source.name, n, level, rate)
				}
			}
		}
	}
}

// TestOutlierTestPower: what heavy tails cost on planted effects among normal placebos.
func TestOutlierTestPower(t *testing.T) {
	if testing.Short() {
		t.Skip("short: power is not checked by simulation")
	}
	const runs = 20_000
	for _, level := range []float64{0.05, 0.01, 0.001} {
		before := -1.0
		for _, effect := range []float64{0, 2, 4, 8, 16} {
			rng := rand.New(rand.NewPCG(3, 4))
			own, student := 0, 0
			for range runs {
				sample := noise(rng, 11, 0, normal)
				x := effect + rng.NormFloat64()
				if OutlierTest(x, sample) <= level {
					own++
				}
				if predictionTest(x, sample) <= level {
					student++
				}
			}
			power := float64(own) / runs
			t.Logf("level %v, 11 normal placebos, an effect of %v standard deviations: power %.3f, of Student's prediction test %.3f", level, effect, power, float64(student)/runs)
			if power < before || own > student+student/50+5 || effect == 16 && power < 0.9 {
				t.Errorf("level %v, effect %v: power %v, at a smaller effect %v", level, effect, power, before)
			}
			before = power
		}
	}
}

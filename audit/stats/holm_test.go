package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestHolm(t *testing.T) {
	for _, c := range []struct {
		reason  string
		p, want []float64
	}{
		{"no tests", nil, []float64{}},
		{"one test is not adjusted", []float64{0.03}, []float64{0.03}},
		// R: p.adjust(c(.01, .02, .03, .04), "holm"); by hand 4·.01, 3·.02, max(2·.03, .06),
		// max(.04, .06).
		{"adjusted p-values do not fall as p rises", []float64{0.01, 0.02, 0.03, 0.04}, []float64{0.04, 0.06, 0.06, 0.06}},
		{"the order of the input is kept", []float64{0.04, 0.01, 0.03, 0.02}, []float64{0.06, 0.04, 0.06, 0.06}},
		{"ties are adjusted alike", []float64{0.01, 0.01, 0.5}, []float64{0.03, 0.03, 0.5}},
		{"nothing exceeds 1", []float64{0.9, 0.8}, []float64{1, 1}},
		{"0 stays 0", []float64{0, 0.5}, []float64{0, 0.5}},
		// The 15 p-values of Benjamini & Hochberg (1995), §3.3. The procedures of Bonferroni and
		// Holm reject the first three at .05. R: p.adjust(p, "holm").
		{"the example of Benjamini and Hochberg",
			[]float64{.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1},
			[]float64{.0015, .0056, .0247, .1140, .2211, .2780, .2780, .2780, .3213, 1, 1, 1, 1, 1, 1}},
	} {
		got := Holm(c.p)
		if !slices.EqualFunc(got, c.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }) {
			t.Errorf("%s: Holm(%v) = %v, want %v", c.reason, c.p, got, c.want)
		}
	}
}

func TestHolmOfNaN(t *testing.T) {
	for i, p := range Holm([]float64{0.01, math.NaN(), 0.5}) {
		if !math.IsNaN(p) {
			t.Errorf("test %d is adjusted to %v beside a NaN, want NaN", i, p)
		}
	}
}

// Adjusted p-values lie between the p-values and Bonferroni's, and keep their order.
func TestHolmBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		p := make([]float64, 1+rng.IntN(9))
		for i := range p {
			p[i] = rng.Float64() * rng.Float64()
		}
		adjusted := Holm(p)
		for i := range p {
			if adjusted[i] < p[i] || adjusted[i] > min(1, p[i]*float64(len(p))) {
				t.Fatalf("test %d of %v is adjusted to %v", i, p, adjusted[i])
			}
			for j := range p {
				if p[i] < p[j] && adjusted[i] > adjusted[j] {
					t.Fatalf("%v is adjusted to %v: the order changed", p, adjusted)
				}
			}
		}
	}
}

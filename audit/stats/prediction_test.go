package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestPredictionTest(t *testing.T) {
	for _, c := range []struct {
		reason string
		x      float64
		sample []float64
		want   float64
	}{
		{"no sample", 2, nil, 1},
		{"a sample of one", 2, []float64{1}, 1},
		// R: 1 - pt((9-2)/sqrt(1*(1+1/3)), 2) = 0.01307.
		{"three draws", 9, []float64{1, 2, 3}, 0.01307},
		// t with one degree of freedom is Cauchy: t = (1 − 0)/√(2·1.5), p = ½ − atan(t)/π = 1/3.
		{"two draws", 1, []float64{-1, 1}, 1.0 / 3},
		{"the mean itself", 2, []float64{1, 2, 3}, 0.5},
		{"a value below the sample", -5, []float64{1, 2, 3}, 1 - 0.01307},
		{"all equal", 2, []float64{2, 2, 2}, 1},
		{"below a sample without spread", 1, []float64{2, 2, 2}, 1},
		{"a draw that is not a number", 2, []float64{1, math.NaN(), 3}, 1},
		{"x is not a number", math.NaN(), []float64{1, 2, 3}, 1},
	} {
		if got := PredictionTest(c.x, c.sample); !(math.Abs(got-c.want) <= 1e-5) {
			t.Errorf("%s: p = %v, want %v", c.reason, got, c.want)
		}
	}
	if got := PredictionTest(1, []float64{0, 0, 0}); got != smallestP {
		t.Errorf("beyond a sample without spread: p = %v, want the smallest p-value", got)
	}
}

func TestPredictionTestUnderTheNull(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	small := 0
	const runs = 4000
	for range runs {
		sample := noise(rng, 9, 0, normal)
		if PredictionTest(rng.NormFloat64(), sample) <= 0.05 {
			small++
		}
	}
	if got := float64(small) / runs; math.Abs(got-0.05) > 3*standardError(0.05, runs) {
		t.Errorf("P(p ≤ .05) = %v under the null", got)
	}
}

func TestNormalSurvival(t *testing.T) {
	for z, want := range map[float64]float64{0: 0.5, 1.6448536269514722: 0.05, -1.6448536269514722: 0.95, math.Inf(1): 0} {
		if got := NormalSurvival(z); math.Abs(got-want) > 1e-12 {
			t.Errorf("z = %v: %v, want %v", z, got, want)
		}
	}
}

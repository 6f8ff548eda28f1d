package corpus

import (
	"math"
	"math/rand/v2"
	"testing"
)

// With one binary feature and no prior the weight is the log odds ratio of the table.
func TestLogisticTable(t *testing.T) {
	var x [][]feature
	var suspect []bool
	var rows []int
	add := func(n int, has, s bool) {
		for range n {
			var f []feature
			if has {
				f = []feature{{0, 1}}
			}
			rows, x, suspect = append(rows, len(x)), append(x, f), append(suspect, s)
		}
	}
	add(30, true, true)
	add(10, false, true)
	add(5, true, false)
	add(15, false, false)
	weight := make([]float64, len(x))
	for i := range weight {
		weight[i] = 1
	}
	theta := logistic(x, 1, rows, suspect, weight, 1e-12, nil)
	if want := math.Log(30 * 15 / (10 * 5.)); math.Abs(theta[0]-want) > 2e-3 {
		t.Errorf("weight %v, want %v", theta[0], want)
	}
	// Each arm has one half of the weight, so the intercept is the log-likelihood ratio without the
	// feature.
	if want := math.Log((10 / 40.) / (15 / 20.)); math.Abs(theta[1]-want) > 2e-3 {
		t.Errorf("intercept %v, want %v", theta[1], want)
	}
	if prior := logistic(x, 1, rows, suspect, weight, 1e6, nil); math.Abs(prior[0]) > 1e-3 {
		t.Errorf("weight %v under a prior that forbids it", prior[0])
	}
}

// The minimum of a quadratic with eigenvalues from 1 to 1,000 is A⁻¹b.
func TestMinimise(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	const n = 12
	curve, target := make([]float64, n), make([]float64, n)
	for i := range n {
		curve[i] = math.Pow(1000, float64(i)/(n-1))
		target[i] = rng.NormFloat64()
	}
	got := minimise(n, nil, func(x, g []float64) float64 {
		f := 0.0
		for i := range x {
			g[i] = curve[i] * (x[i] - target[i])
			f += curve[i] * (x[i] - target[i]) * (x[i] - target[i]) / 2
		}
		return f + 1e-3 // > 0 at the minimum: the stopping rule is relative
	})
	for i := range got {
		if math.Abs(got[i]-target[i]) > 1e-2 {
			t.Errorf("coordinate %d: %v, want %v", i, got[i], target[i])
		}
	}
}

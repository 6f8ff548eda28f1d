package tensor

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestInitialisers checks the moments of 10⁵ numbers within five standard errors.
func TestInitialisers(t *testing.T) {
	rng := func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
	const n = 100_000
	for _, c := range []struct {
		name           string
		x              *Tensor
		mean, variance float64
		kurtosis       float64 // fourth central moment over variance²
	}{
		{"Normal", Normal(rng(), 0.5, n), 0, 0.25, 3},
		{"Uniform", Uniform(rng(), -1, 3, n), 1, 16. / 12, 1.8},
	} {
		var sum, squares float64
		for _, v := range c.x.data {
			sum += float64(v)
			squares += (float64(v) - c.mean) * (float64(v) - c.mean)
		}
		if got := sum / n; math.Abs(got-c.mean) > 5*math.Sqrt(c.variance/n) {
			t.Errorf("%s: mean %v, want %v", c.name, got, c.mean)
		}
		if got := squares / n; math.Abs(got-c.variance) > 5*c.variance*math.Sqrt((c.kurtosis-1)/n) {
			t.Errorf("%s: variance %v, want %v", c.name, got, c.variance)
		}
	}
	if a, b := Normal(rng(), 1, 3, 4), Normal(rng(), 1, 12); !sameBits(a.data, b.data) {
		t.Error("one seed gives different numbers")
	}
	for _, v := range Uniform(rng(), 2, 3, n).data {
		if v < 2 || v > 3 {
			t.Fatalf("Uniform(2, 3) drew %v", v)
		}
	}
}

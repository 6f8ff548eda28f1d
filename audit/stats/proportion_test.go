package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
func TestWilsonIntervalPublished(t *testing.T) {
	for _, c := range []struct {
		count, n  int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		i := WilsonInterval(c.count, c.n, 0.95)
		if math.Abs(i.Low-c.low) > 5e-5 || math.Abs(i.High-c.high) > 5e-5 || i.Mean != float64(c.count)/float64(c.n) {
			t.Errorf("%d of %d: %+v, want %.4f to %.4f", c.count, c.n, i, c.low, c.high)
		}
	}
	if i := WilsonInterval(20, 20, 0.95); i.High != 1 || i.Mean != 1 || math.Abs(i.Low-(1-0.1611)) > 5e-5 {
		t.Errorf("20 of 20: %+v, want the mirror of 0 of 20", i)
	}
	if i := WilsonInterval(1, 4, 0.95); math.Abs(i.SD-math.Sqrt(3)/4) > 1e-12 {
		t.Errorf("1 of 4: SD %v, want √3/4", i.SD)
	}
	if i := WilsonInterval(0, 0, 0.95); !math.IsNaN(i.Mean) || i.Low != 0 || i.High != 1 {
		t.Errorf("no observations: %+v, want the interval [0, 1]", i)
	}
}

// Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10: 56/70 − 48/80.
func TestProportionDifferencePublished(t *testing.T) {
	d := ProportionDifference(WilsonInterval(56, 70, 0.95), WilsonInterval(48, 80, 0.95))
	if math.Abs(d.Mean-0.2) > 1e-12 || math.Abs(d.Low-0.0524) > 5e-5 || math.Abs(d.High-0.3339) > 5e-5 {
		t.Errorf("%+v, want 0.2 from 0.0524 to 0.3339", d)
	}
}

// The interval of equal proportions excludes 0 in about 5 % of samples; that of .7 and .5 of 200
// nearly always.
func TestProportionDifferenceCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	draw := func(p float64) Interval {
		n := 0
		for range 200 {
			if rng.Float64() < p {
				n++
			}
		}
		return WilsonInterval(n, 200, 0.95)
	}
	excluded := func(p, q float64) (share float64) {
		const samples = 2000
		for range samples {
			if d := ProportionDifference(draw(p), draw(q)); d.Low > 0 || d.High < 0 {
				share += 1. / samples
			}
		}
		return share
	}
	if got := excluded(0.7, 0.7); got > 0.065 || got < 0.03 { // .05 ± 3 standard errors of .005
		t.Errorf("equal proportions differ in a share of %.3f, want about .05", got)
	}
	if got := excluded(0.7, 0.5); got < 0.97 {
		t.Errorf("proportions of .7 and .5 differ in a share of %.3f, want nearly 1", got)
	}
}

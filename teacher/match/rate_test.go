package match

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
func TestRatePublished(t *testing.T) {
	for _, c := range []struct {
		count, of int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		r := newRate(c.count, c.of, 0.95)
		if math.Abs(r.Low-c.low) > 5e-5 || math.Abs(r.High-c.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.count, c.of, r.Low, r.High, c.low, c.high)
		}
	}
	if r := newRate(0, 0, 0.95); r != (Rate{High: 1}) {
		t.Errorf("no rows: %+v, want an interval of everything", r)
	}
}

// Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10: 56/70 − 48/80.
func TestDifferencePublished(t *testing.T) {
	d := newRate(56, 70, 0.95).minus(newRate(48, 80, 0.95))
	if math.Abs(d.Difference-0.2) > 1e-12 || math.Abs(d.Low-0.0524) > 5e-5 || math.Abs(d.High-0.3339) > 5e-5 {
		t.Errorf("%+v, want 0.2 from 0.0524 to 0.3339", d)
	}
	if !d.excludesZero() || (Difference{0, -1, 1}).excludesZero() {
		t.Error("which side of 0 the interval is on is told wrongly")
	}
}

// Under equal rates the interval leaves out 0 in about 5 % of samples; with .7 and .5 of 200 nearly always.
func TestDifferenceCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	draw := func(p float64) Rate {
		n := 0
		for range 200 {
			if rng.Float64() < p {
				n++
			}
		}
		return newRate(n, 200, level)
	}
	found := func(p, q float64) (share float64) {
		const samples = 2000
		for range samples {
			if draw(p).minus(draw(q)).excludesZero() {
				share += 1. / samples
			}
		}
		return share
	}
	if got := found(0.7, 0.7); got > 0.065 || got < 0.03 { // .05 ± 3 standard errors of .005
		t.Errorf("equal rates differ in a share of %.3f, want about .05", got)
	}
	if got := found(0.7, 0.5); got < 0.97 {
		t.Errorf("rates of .7 and .5 differ in a share of %.3f, want nearly 1", got)
	}
}

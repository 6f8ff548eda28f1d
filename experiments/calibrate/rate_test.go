package main

import (
	"math"
	"testing"
)

func TestRateInterval(t *testing.T) {
	for _, c := range []struct {
		count, of int
		low, high float64
		reason    string
	}{
		{0, 20, 0, 1 - math.Pow(0.025, 1.0/20), "closed form for no audit"},
		{20, 20, math.Pow(0.025, 1.0/20), 1, "closed form for all audits"},
		{1, 2, 1 - math.Sqrt(0.975), math.Sqrt(0.975), "closed form: P(X ≥ 1) = 1−(1−p)², P(X ≤ 1) = 1−p²"},
	} {
		r := newRate(c.count, c.of)
		if math.Abs(r.Low-c.low) > 1e-9 || math.Abs(r.High-c.high) > 1e-9 {
			t.Errorf("%d of %d: interval %v to %v, want %v to %v (%s)", c.count, c.of, r.Low, r.High, c.low, c.high, c.reason)
		}
	}
	if r := newRate(5, 20); r.Rate != 0.25 || math.Abs(r.SE-math.Sqrt(0.25*0.75/20)) > 1e-15 {
		t.Errorf("5 of 20: %v ± %v", r.Rate, r.SE)
	}
}

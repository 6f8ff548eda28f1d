package stats

import (
	"math"
	"testing"
)

func TestMeanTest(t *testing.T) {
	for _, c := range []struct {
		reason string
		x      []float64
		want   float64
	}{
		// Three degrees of freedom: 1/2 − (√5/6 + atan √5)/π.
		{"a shift", []float64{1, 2, 3, 4}, 0.0152331458},
		{"the other side", []float64{-1, -2, -3, -4}, 1 - 0.0152331458},
		{"no shift", []float64{-1, 1}, 0.5},
		{"one observation", []float64{9}, 1},
		{"none", nil, 1},
		{"not a number", []float64{1, 2, math.NaN()}, 1},
		{"equal and above 0", []float64{2, 2, 2}, smallestP},
		{"equal and below 0", []float64{-2, -2}, 1},
		{"all 0", []float64{0, 0}, 1},
	} {
		if p := MeanTest(c.x); math.Abs(p.P-c.want) > 1e-7 || p.Floor != smallestP {
			t.Errorf("%s: p %+v, want %v", c.reason, p, c.want)
		}
	}
}

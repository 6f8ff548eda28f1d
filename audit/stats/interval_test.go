package stats

import (
	"math"
	"testing"
)

func TestMeanInterval(t *testing.T) {
	// Student (1908), table of the additional hours of sleep gained by ten patients under
	// two drugs, pair by pair. R: with(sleep, t.test(extra[group == 1] - extra[group == 2])).
	sleep := []float64{-1.2, -2.4, -1.3, -1.3, 0, -1, -1.8, -0.8, -4.6, -1.4}
	quantile := 3.077683537207806 // of Student's t with 1 degree of freedom at .9: tan(.4π)
	for _, c := range []struct {
		reason string
		x      []float64
		level  float64
		want   Interval
	}{
		{"Student's own example", sleep, 0.95, Interval{-1.58, 1.2299955, -2.4598858, -0.7001142}},
		{"two observations: the quantile is a tangent", []float64{1, 3}, 0.8, Interval{2, math.Sqrt2, 2 - quantile, 2 + quantile}},
		{"equal observations", []float64{2, 2, 2}, 0.95, Interval{2, 0, 2, 2}},
	} {
		got := MeanInterval(c.x, c.level)
		for i, d := range []float64{got.Mean - c.want.Mean, got.SD - c.want.SD, got.Low - c.want.Low, got.High - c.want.High} {
			if !(math.Abs(d) < 5e-8) {
				t.Errorf("%s: field %d of %+v, want %+v", c.reason, i, got, c.want)
			}
		}
	}
}

func TestMeanIntervalOfTooFew(t *testing.T) {
	for _, x := range [][]float64{nil, {3}} {
		got := MeanInterval(x, 0.95)
		if !math.IsInf(got.Low, -1) || !math.IsInf(got.High, 1) {
			t.Errorf("%v: %+v, want infinite limits", x, got)
		}
	}
	if got := MeanInterval([]float64{3}, 0.95).Mean; got != 3 {
		t.Errorf("the mean of one observation of 3 is %v", got)
	}
}

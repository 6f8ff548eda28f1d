package optim

import (
	"math"
	"testing"
)

func TestSchedules(t *testing.T) {
	half := math.Sqrt2 / 2 // cos π/4
	for _, c := range []struct {
		reason string
		rate   Schedule
		want   []float64 // of steps 0, 1, …
	}{
		{"constant", Constant(3), []float64{3, 3, 3}},
		{"two steps of warm-up, then a line over four", Linear(8, 2, 6), []float64{4, 8, 8, 6, 4, 2, 0, 0}},
		{"no warm-up", Linear(4, 0, 4), []float64{4, 3, 2, 1, 0}},
		{"the wave passes half the rate in the middle", Cosine(8, 1, 5), []float64{8, 8, 4 + 4*half, 4, 4 - 4*half, 0}},
		{"a warm-up that never ends", Cosine(8, 4, 2), []float64{2, 4, 6, 8, 0}},
		{"no steps", Linear(1, 0, 0), []float64{0}},
	} {
		for step, want := range c.want {
			if got := c.rate(step); math.Abs(got-want) > 1e-12 {
				t.Errorf("%s: step %d has rate %v, want %v", c.reason, step, got, want)
			}
		}
	}
}

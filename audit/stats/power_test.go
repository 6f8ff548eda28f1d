package stats

import (
	"math"
	"testing"
)

func TestSampleSize(t *testing.T) {
	for _, c := range []struct {
		reason                  string
		n                       int
		se, delta, level, power float64
		want                    int
	}{
		// z(.95) + z(.95) = 3.2897: 100·(3.2897·.1/.2)² = 270.6.
		{"an effect of two standard errors", 100, 0.1, 0.2, 0.05, 0.95, 271},
		{"four times the units halve the effect that is detected", 100, 0.1, 0.1, 0.05, 0.95, 1083},
		// z(.95) + z(.8) = 2.4865: 100·(2.4865·.1/.2)² = 154.6.
		{"less power needs fewer units", 100, 0.1, 0.2, 0.05, 0.8, 155},
		{"a design that suffices already gets one more unit", 100, 0.01, 1, 0.05, 0.95, 101},
		{"no effect", 100, 0.1, 0, 0.05, 0.95, 0},
		{"an effect to the other side", 100, 0.1, -0.2, 0.05, 0.95, 0},
		{"an unknown standard error", 100, math.NaN(), 0.2, 0.05, 0.95, 0},
		{"an unknown effect", 100, 0.1, math.NaN(), 0.05, 0.95, 0},
		{"an infinite standard error", 2, math.Inf(1), 0.2, 0.05, 0.95, 0},
		{"a billion units", 100, 1, 1e-3, 0.05, 0.95, 0},
	} {
		if got := SampleSize(c.n, c.se, c.delta, c.level, c.power); got != c.want {
			t.Errorf("%s: %d units, want %d", c.reason, got, c.want)
		}
	}
}

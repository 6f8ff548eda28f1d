package stats

import (
	"math"
	"testing"
)

func TestNormalSurvival(t *testing.T) {
	for z, want := range map[float64]float64{0: 0.5, 1.6448536269514722: 0.05, -1.6448536269514722: 0.95, math.Inf(1): 0} {
		if got := NormalSurvival(z); math.Abs(got-want) > 1e-12 {
			t.Errorf("z = %v: %v, want %v", z, got, want)
		}
	}
}

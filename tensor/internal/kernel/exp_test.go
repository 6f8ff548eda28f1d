package kernel

import (
	"math"
	"testing"
)

// TestExp covers the whole range of float32, including denormals and the limits of overflow.
func TestExp(t *testing.T) {
	stride := uint32(2053) // prime: about two million arguments
	if testing.Short() || raceEnabled {
		stride = 65537
	}
	var x []float32
	for b, next := uint32(0), uint32(0); ; b = next {
		x = append(x, math.Float32frombits(b))
		if next = b + stride; next < b {
			break
		}
	}
	for v := float32(-104); v < 89; v += 0.0037 { // the result is neither 0 nor +Inf
		x = append(x, v)
	}
	y := make([]float32, len(x))
	each(t, func(t *testing.T) {
		Exp(y, x)
		worst, at := 0.0, float32(0)
		for i, v := range x {
			want := math.Exp(float64(v))
			if rounded := float32(want); math.IsNaN(want) || math.IsInf(float64(rounded), 1) && y[i] == rounded {
				if class(y[i]) != class(rounded) {
					t.Fatalf("Exp(%v) = %v, want %v", v, y[i], rounded)
				}
				continue
			}
			if e := math.Abs(float64(y[i])-want) / ulp(want); e > worst {
				worst, at = e, v
			}
		}
		t.Logf("largest error %.3f units in the last place, at %v", worst, at)
		if !(worst <= 1) {
			t.Errorf("Exp(%v) is %.3f units in the last place from %v", at, worst, math.Exp(float64(at)))
		}
	})
}

// ulp returns the distance between float32 numbers around x.
func ulp(x float64) float64 {
	_, e := math.Frexp(x)
	return math.Ldexp(1, max(e-24, -149))
}

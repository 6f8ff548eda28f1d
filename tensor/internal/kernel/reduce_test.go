package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestReductions(t *testing.T) {
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 10))
		for _, n := range []int{0, 1, 2, 15, 16, 17, 63, 64, 65, 1000, 10_000} {
			x, y := normals(r, n, 0.3), normals(r, n, 0)
			sum, sumSize, dot, dotSize, most := 0.0, 0.0, 0.0, 0.0, math.Inf(-1)
			for i, v := range widen(x) {
				sum, sumSize = sum+v, sumSize+math.Abs(v)
				w := v * float64(y[i])
				dot, dotSize = dot+w, dotSize+math.Abs(w)
				most = max(most, v)
			}
			rounds := float64(n/4 + 4) // the bound of Sum
			if Active() != Generic {
				rounds = float64(n/64 + 10)
			}
			if got := Sum(x); !(math.Abs(float64(got)-sum) <= rounds*0x1p-24*sumSize) {
				t.Errorf("n = %d: Sum = %v, want %v", n, got, sum)
			}
			if got := Dot(x, y); !(math.Abs(float64(got)-dot) <= (rounds+1)*0x1p-24*dotSize) {
				t.Errorf("n = %d: Dot = %v, want %v", n, got, dot)
			}
			if got := Max(x); float64(got) != most {
				t.Errorf("n = %d: Max = %v, want %v", n, got, most)
			}
		}
	})
}

// TestMaxOfNaN puts a NaN at every position: maximum instructions drop it.
func TestMaxOfNaN(t *testing.T) {
	each(t, func(t *testing.T) {
		for n := 1; n < 140; n++ {
			for at := range n {
				x := make([]float32, n)
				x[at] = float32(math.NaN())
				if got := Max(x); got == got {
					t.Fatalf("n = %d, NaN at %d: Max = %v", n, at, got)
				}
			}
		}
	})
}

// TestCountLess counts numbers around the limit, at every length and offset; NaN is not less.
func TestCountLess(t *testing.T) {
	special := []float32{float32(math.NaN()), float32(math.Inf(-1)), float32(math.Inf(1)), 0, float32(math.Copysign(0, -1)), 1, -1, 1e-40, -1e-40}
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 11))
		for n := range 300 {
			x := make([]float32, n)
			for i := range x {
				x[i] = special[r.IntN(len(special))]
			}
			for _, than := range special {
				want := 0
				for _, v := range x {
					if v < than {
						want++
					}
				}
				if got := CountLess(x, than); got != want {
					t.Fatalf("%v of %d numbers are less than %v, want %d", got, n, than, want)
				}
			}
		}
	})
}

package tensor

import (
	"math"
	"testing"
)

// TestActivationsKnown: values of the formulas in float64. Φ(1) is 0.8413447460685429.
func TestActivationsKnown(t *testing.T) {
	var tape *Tape
	silu := func(x float64) float64 { return x / (1 + math.Exp(-x)) }
	for _, c := range []struct {
		name string
		f    func(x *Tensor) *Tensor
		want func(x float64) float64
	}{
		{"ReLU", tape.ReLU, func(x float64) float64 { return max(x, 0) }},
		{"Tanh", tape.Tanh, math.Tanh},
		{"GELU", tape.GELU, func(x float64) float64 { return x * math.Erfc(-x/math.Sqrt2) / 2 }},
		{"GELUTanh", tape.GELUTanh, func(x float64) float64 {
			return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		}},
		{"SiLU", tape.SiLU, silu},
		{"SwiGLU", func(x *Tensor) *Tensor { return tape.SwiGLU(x, tape.Scale(x, 3)) }, func(x float64) float64 { return silu(x) * 3 * x }},
	} {
		for _, x := range []float64{-30, -3, -1, -1e-3, 0, 0.5, 1, 2.5, 30} {
			if got := c.f(FromSlice([]float32{float32(x)}, 1)).Item(); !near(got, c.want(x), 1e-6) {
				t.Errorf("%s(%v) = %v, want %v", c.name, x, got, c.want(x))
			}
		}
	}
	if got := tape.GELU(FromSlice([]float32{1}, 1)).Item(); !near(got, 0.8413447460685429, 1e-7) {
		t.Errorf("GELU(1) = %v, want Φ(1)", got)
	}
}

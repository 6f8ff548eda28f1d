package kernel

import (
	"math"
	"testing"
)

func TestActivations(t *testing.T) {
	cases := []struct {
		name              string
		forward, backward func(y, x []float32)
		want              func(x float64) float64
	}{
		{"SiLU", SiLU, SiLUBackward, func(x float64) float64 { return x / (1 + math.Exp(-x)) }},
		{"GELU", GELU, GELUBackward, func(x float64) float64 {
			// As in Hendrycks & Gimpel.
			return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		}},
	}
	var x []float32
	for v := float32(-30); v < 30; v += 0.0137 {
		x = append(x, v)
	}
	x = append(x, 0, 1e4, -1e4, 1e18, -1e18)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T) {
				y, d := make([]float32, len(x)), make([]float32, len(x))
				c.forward(y, x)
				for i := range d {
					d[i] = 2
				}
				c.backward(d, x)
				for i, v := range x {
					near(t, c.name, y[i], c.want(float64(v)), 4e-7)
					h := 1e-5 * (1 + math.Abs(float64(v)))
					slope := (c.want(float64(v)+h) - c.want(float64(v)-h)) / (2 * h)
					near(t, "gradient", d[i], 2*slope, 2e-6)
				}
			})
		})
	}
}

package vec

import (
	"math"

	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// Tanh writes the hyperbolic tangents of src to dst, within 4 units in the last place. NaN stays
// NaN. dst may be src. The method is Cephes' tanhf (Moshier): an odd polynomial near 0, otherwise 1
// − 2/(exp(2|x|)+1) with the sign of x.
func Tanh(dst, src []float32) {
	var e [block]float32
	for ; len(src) > 0; dst, src = dst[min(block, len(src)):], src[min(block, len(src)):] {
		x, e := src[:min(block, len(src))], e[:min(block, len(src))]
		for i, v := range x {
			e[i] = 2 * max(v, -v)
		}
		kernel.Exp(e, e)
		for i, v := range x {
			dst[i] = tanh(v, e[i])
		}
	}
}

// tanh returns the hyperbolic tangent of x from e = exp(2|x|).
func tanh(x, e float32) float32 {
	size := max(x, -x)
	y := 1 - 2/(e+1)
	if size < 0.625 {
		z := x * x
		p := float32(-5.70498872745e-3)
		p = p*z + 2.06390887954e-2
		p = p*z - 5.37397155531e-2
		p = p*z + 1.33314422036e-1
		p = p*z - 3.33332819422e-1
		y = p*z*size + size
	}
	return math.Float32frombits(math.Float32bits(y) | math.Float32bits(x)&(1<<31))
}

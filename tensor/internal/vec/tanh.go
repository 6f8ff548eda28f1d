package vec

import "math"

// Tanh writes the hyperbolic tangents of src to dst, within 4 units in the last
// place. NaN stays NaN. dst may be src. The method is Cephes' tanhf (Moshier):
// an odd polynomial near 0, else 1 − 2/(exp(2|x|)+1) with the sign of x.
func Tanh(dst, src []float32) {
	dst = dst[:len(src)]
	for i, x := range src {
		dst[i] = tanh(x)
	}
}

func tanh(x float32) float32 {
	size := max(x, -x)
	var y float32
	if size < 0.625 {
		z := x * x
		p := float32(-5.70498872745e-3)
		p = p*z + 2.06390887954e-2
		p = p*z - 5.37397155531e-2
		p = p*z + 1.33314422036e-1
		p = p*z - 3.33332819422e-1
		y = p*z*size + size
	} else {
		y = 1 - 2/(exp(2*size)+1)
	}
	return math.Float32frombits(math.Float32bits(y) | math.Float32bits(x)&(1<<31))
}

package vec

import (
	"math"

	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// GELU writes x·Φ(x) to dst for every x of src, where Φ is the distribution function of the
// standard normal, within 3e-7·max(1, |x|). At −Inf it is NaN. dst may be src.
func GELU(dst, src []float32) {
	var phi [block]float32
	for ; len(src) > 0; dst, src = dst[min(block, len(src)):], src[min(block, len(src)):] {
		x, phi := src[:min(block, len(src))], phi[:min(block, len(src))]
		normalCDF(phi, x)
		for i, v := range x {
			dst[i] = v * phi[i]
		}
	}
}

// GELUBackward multiplies d by the derivative Φ(x) + x·φ(x), where φ is the standard normal
// density.
func GELUBackward(d, src []float32) {
	var phi, density [block]float32
	for ; len(src) > 0; d, src = d[min(block, len(src)):], src[min(block, len(src)):] {
		x, phi, density := src[:min(block, len(src))], phi[:min(block, len(src))], density[:min(block, len(src))]
		normalCDF(phi, x)
		for i, v := range x {
			density[i] = -v * v / 2
		}
		kernel.Exp(density, density)
		for i, v := range x {
			d[i] *= phi[i] + v*density[i]*(math.Sqrt2/2/sqrtPi)
		}
	}
}

const sqrtPi = 1.77245385090551602729816748334

// normalCDF writes Φ(x) to dst, which must not be x. Φ(−|x|) is erfc(|x|/√2)/2, and erfc is that of
// Press et al., Numerical Recipes, erfcc: t·exp(−z² + P(t)) with t = 1/(1 + z/2), whose relative
// error is below 1.2e-7.
func normalCDF(dst, x []float32) {
	for i, v := range x {
		z := max(v, -v) * (math.Sqrt2 / 2)
		t := 1 / (1 + z/2)
		p := float32(0.17087277)
		p = p*t - 0.82215223
		p = p*t + 1.48851587
		p = p*t - 1.13520398
		p = p*t + 0.27886807
		p = p*t - 0.18628806
		p = p*t + 0.09678418
		p = p*t + 0.37409196
		p = p*t + 1.00002368
		p = p*t - 1.26551223
		dst[i] = p - z*z
	}
	kernel.Exp(dst, dst)
	for i, v := range x {
		tail := dst[i] / (2 + max(v, -v)*(math.Sqrt2/2)) // t/2 = 1/(2 + z)
		if v > 0 {
			tail = 1 - tail
		}
		dst[i] = tail
	}
}

// Package vec holds elementwise float32 functions that are fast enough not to
// dominate the training of small models.
package vec

import "math"

// Exp writes the exponentials of src to dst, within 2 units in the last place,
// subnormal results included. Overflow gives +Inf, NaN stays NaN. dst may be src.
func Exp(dst, src []float32) {
	dst = dst[:len(src)]
	for i, x := range src {
		dst[i] = exp(x)
	}
}

// ExpSum writes exp(src − shift) to dst and returns its sum. dst may be src.
func ExpSum(dst, src []float32, shift float32) float64 {
	dst = dst[:len(src)]
	var sum float64
	for i, x := range src {
		y := exp(x - shift)
		dst[i] = y
		sum += float64(y)
	}
	return sum
}

// exp is Cephes' expf (Moshier): with n = round(x/ln 2) and r = x − n·ln 2,
// |r| ≤ ln 2/2, exp(x) = 2ⁿ·exp(r), where a polynomial of degree 7 stands for
// exp(r). The high part of ln 2 has so few bits that n·ln2High is exact.
func exp(x float32) float32 {
	const (
		log2e   = 1.44269504088896341
		ln2High = 0.693359375
		ln2Low  = -2.12194440e-4
		magic   = 3 << 22 // the low bits of v + magic are v rounded to an integer
	)
	if !(x >= -104 && x <= 89) {
		return expOutside(x)
	}
	z := x*log2e + magic
	n := z - magic
	r := x - n*ln2High - n*ln2Low
	p := float32(1.9875691500e-4)
	p = p*r + 1.3981999507e-3
	p = p*r + 8.3334519073e-3
	p = p*r + 4.1665795894e-2
	p = p*r + 1.6666665459e-1
	p = p*r + 5.0000001201e-1
	p = p*r*r + r + 1
	if x < -87 || x > 88 {
		// 2ⁿ in two factors: n reaches from −150 to 128, an exponent from −126 to 127.
		k := int32(n)
		return p * power(k>>1) * power(k-k>>1)
	}
	return math.Float32frombits(math.Float32bits(p) + math.Float32bits(z)<<23)
}

// expOutside is exp where it is 0, +Inf or NaN.
func expOutside(x float32) float32 {
	switch {
	case x < 0:
		return 0
	case x > 0:
		return float32(math.Inf(1))
	}
	return x
}

// power returns 2ᵏ for k in [−126, 127].
func power(k int32) float32 { return math.Float32frombits(uint32(k+127) << 23) }

// Max returns the largest element, NaN if one is NaN, and −Inf of nothing.
func Max(x []float32) float32 {
	peak := float32(math.Inf(-1))
	for _, v := range x {
		peak = max(peak, v)
	}
	return peak
}

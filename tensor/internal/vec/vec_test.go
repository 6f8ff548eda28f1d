package vec

import (
	"math"
	"testing"
)

// ulps returns the distance of got from the exact value in units of the last
// place of float32 at that value.
func ulps(got float32, exact float64) float64 {
	if got == float32(exact) {
		return 0
	}
	_, e := math.Frexp(exact)
	return math.Abs(float64(got)-exact) / math.Ldexp(1, max(e-24, -149))
}

// every returns every stride-th float32 in [low, high], both of one sign.
func every(stride uint32, low, high float32) (x []float32) {
	for b := math.Float32bits(low); b <= math.Float32bits(high); b += stride {
		x = append(x, math.Float32frombits(b))
	}
	return x
}

const stride = 997 // a prime: about a million arguments of each sign

var negativeZero = float32(math.Copysign(0, -1))

func TestTanhError(t *testing.T) {
	x := append(every(stride, 0, 20), every(stride, negativeZero, -20)...)
	y := make([]float32, len(x))
	Tanh(y, x)
	for i, v := range x {
		if u := ulps(y[i], math.Tanh(float64(v))); u > 4 {
			t.Fatalf("tanh(%v) is off by %.2f ULP, want at most 4", v, u)
		}
	}
}

// The exact form is x·erfc(−x/√2)/2 of the standard library.
func TestGELUError(t *testing.T) {
	x := append(every(stride, 0, 20), every(stride, negativeZero, -20)...)
	y, d := make([]float32, len(x)), make([]float32, len(x))
	GELU(y, x)
	for i := range d {
		d[i] = 2
	}
	GELUBackward(d, x)
	for i, v := range x {
		v := float64(v)
		cdf, density := math.Erfc(-v/math.Sqrt2)/2, math.Exp(-v*v/2)/math.Sqrt(2*math.Pi)
		bound := 3e-7 * max(1, math.Abs(v))
		if e := math.Abs(float64(y[i]) - v*cdf); e > bound {
			t.Fatalf("GELU(%v) = %v, off by %.2g, want at most %.2g", v, y[i], e, bound)
		}
		if e := math.Abs(float64(d[i]) - 2*(cdf+v*density)); e > 2*bound {
			t.Fatalf("the derivative of GELU at %v is off by %.2g, want at most %.2g", v, e/2, bound)
		}
	}
}

func TestSpecialValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		name    string
		f       func(dst, src []float32)
		x, want float32
	}{
		{"tanh", Tanh, inf, 1},
		{"tanh", Tanh, -inf, -1},
		{"tanh", Tanh, nan, nan},
		{"tanh", Tanh, negativeZero, negativeZero},
		{"tanh", Tanh, math.MaxFloat32, 1},
		{"gelu", GELU, inf, inf},
		{"gelu", GELU, nan, nan},
		{"gelu", GELU, negativeZero, negativeZero},
		{"gelu", GELU, 100, 100},
		{"gelu", GELU, -100, negativeZero},
	} {
		y := []float32{c.x}
		c.f(y, y)
		same := math.Float32bits(y[0]) == math.Float32bits(c.want) || y[0] != y[0] && c.want != c.want
		if !same {
			t.Errorf("%s(%v) = %v, want %v", c.name, c.x, y[0], c.want)
		}
	}
}

// TestBlocks: an element does not depend on its position in a slice, and nothing is written past
// the end.
func TestBlocks(t *testing.T) {
	for _, n := range []int{0, 1, block - 1, block, block + 1, 3*block + 5} {
		src := make([]float32, n)
		for i := range src {
			src[i] = float32(i%23)/5 - 2
		}
		for name, f := range map[string]func(dst, src []float32){"tanh": Tanh, "gelu": GELU, "gelu backward": GELUBackward} {
			dst := make([]float32, n+1)
			for i := range dst {
				dst[i] = 7
			}
			f(dst, src)
			for i := range src {
				alone := []float32{7}
				f(alone, src[i:i+1])
				if dst[i] != alone[0] {
					t.Fatalf("%s of %d: element %d is %v, alone it is %v", name, n, i, dst[i], alone[0])
				}
			}
			if dst[n] != 7 {
				t.Errorf("%s of %d wrote past the end", name, n)
			}
		}
	}
}

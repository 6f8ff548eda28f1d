package vec

import (
	"math"
	"testing"
)

// ulps returns the distance of got from the exact value in units of the last
// place of float32 at that value.
func ulps(got float32, exact float64) float64 {
	near := float32(exact)
	if math.IsInf(float64(near), 0) || near == got {
		if near != got {
			return math.Inf(1)
		}
		return 0
	}
	_, e := math.Frexp(exact)
	unit := math.Ldexp(1, max(e-24, -149))
	return math.Abs(float64(got)-exact) / unit
}

// every visits every stride-th float32 in [low, high], both of one sign.
func every(stride uint32, low, high float32, visit func(x float32)) {
	for b := math.Float32bits(low); b <= math.Float32bits(high); b += stride {
		visit(math.Float32frombits(b))
	}
}

func TestExpError(t *testing.T) {
	var worst float64
	var at float32
	visit := func(x float32) {
		if u := ulps(exp(x), math.Exp(float64(x))); u > worst {
			worst, at = u, x
		}
	}
	const stride = 997 // a prime: about a million of each sign
	every(stride, 0, 90, visit)
	every(stride, float32(math.Copysign(0, -1)), -105, visit)
	every(1, 88.7, 88.73, visit)      // the edge of overflow
	every(11, -87, -104.5, visit)     // subnormal results
	every(1, -103.95, -103.99, visit) // the edge of zero
	if worst > 2 {
		t.Errorf("exp(%v) is off by %.2f ULP, want at most 2", at, worst)
	}
	t.Logf("worst error %.3f ULP at %v", worst, at)
}

func TestTanhError(t *testing.T) {
	var worst float64
	var at float32
	visit := func(x float32) {
		if u := ulps(tanh(x), math.Tanh(float64(x))); u > worst {
			worst, at = u, x
		}
	}
	every(997, 0, 20, visit)
	every(997, float32(math.Copysign(0, -1)), -20, visit)
	if worst > 4 {
		t.Errorf("tanh(%v) is off by %.2f ULP, want at most 4", at, worst)
	}
	t.Logf("worst error %.3f ULP at %v", worst, at)
}

func TestSpecialValues(t *testing.T) {
	inf, nan, zero := float32(math.Inf(1)), float32(math.NaN()), float32(0)
	for _, c := range []struct {
		name      string
		f         func(float32) float32
		x, want   float32
		signOfToo bool
	}{
		{"exp", exp, inf, inf, false},
		{"exp", exp, -inf, 0, false},
		{"exp", exp, nan, nan, false},
		{"exp", exp, zero, 1, false},
		{"exp", exp, -zero, 1, false},
		{"exp", exp, math.MaxFloat32, inf, false},
		{"exp", exp, -math.MaxFloat32, 0, false},
		{"exp", exp, math.SmallestNonzeroFloat32, 1, false},
		{"tanh", tanh, inf, 1, false},
		{"tanh", tanh, -inf, -1, false},
		{"tanh", tanh, nan, nan, false},
		{"tanh", tanh, float32(math.Copysign(0, -1)), float32(math.Copysign(0, -1)), true},
		{"tanh", tanh, math.MaxFloat32, 1, false},
	} {
		got := c.f(c.x)
		same := got == c.want || got != got && c.want != c.want
		if c.signOfToo {
			same = math.Float32bits(got) == math.Float32bits(c.want)
		}
		if !same {
			t.Errorf("%s(%v) = %v, want %v", c.name, c.x, got, c.want)
		}
	}
}

func TestSlices(t *testing.T) {
	src := []float32{-3, 0, 0.5, 2, 90, float32(math.Inf(-1))}
	dst := make([]float32, len(src)+1)
	dst[len(src)] = 7
	Exp(dst, src)
	for i, x := range src {
		if dst[i] != exp(x) {
			t.Errorf("Exp: element %d is %v, want %v", i, dst[i], exp(x))
		}
	}
	if dst[len(src)] != 7 {
		t.Error("Exp wrote past the end of src")
	}
	sum := ExpSum(dst, src, 90)
	var want float64
	for i := range src {
		want += float64(dst[i])
	}
	if sum != want || dst[4] != 1 {
		t.Errorf("ExpSum = %v with exp(0) = %v, want %v with 1", sum, dst[4], want)
	}
	Tanh(src, src)
	if src[3] != tanh(2) {
		t.Errorf("Tanh in place: tanh(2) is %v, want %v", src[3], tanh(2))
	}
}

func TestMax(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		reason string
		x      []float32
		want   float32
	}{
		{"nothing", nil, float32(math.Inf(-1))},
		{"all negative", []float32{-2, -1, -3}, -1},
		{"NaN is not lost, wherever it stands", []float32{1, nan, 2}, nan},
	} {
		if got := Max(c.x); got != c.want && !(got != got && c.want != c.want) {
			t.Errorf("%s: Max(%v) = %v, want %v", c.reason, c.x, got, c.want)
		}
	}
}

func BenchmarkExp(b *testing.B) {
	x := make([]float32, 1024)
	for i := range x {
		x[i] = float32(i%40) - 20
	}
	y := make([]float32, len(x))
	b.SetBytes(int64(4 * len(x)))
	for b.Loop() {
		Exp(y, x)
	}
}

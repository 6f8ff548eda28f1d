package kernel

import (
	"math"
	"testing"
)

// TestToFloat32 converts every 16-bit number.
func TestToFloat32(t *testing.T) {
	x := make([]uint16, 1<<16)
	for i := range x {
		x[i] = uint16(i)
	}
	y := make([]float32, len(x))
	each(t, func(t *testing.T) {
		BF16ToFloat32(y, x)
		for i, v := range x {
			if got, want := math.Float32bits(y[i]), uint32(v)<<16; got != want {
				t.Fatalf("bfloat16 %#x became %#x, want %#x", v, got, want)
			}
		}
		F16ToFloat32(y, x)
		for i, v := range x {
			if want := f16Value(v); !(float64(y[i]) == want || math.IsNaN(want) && y[i] != y[i]) {
				t.Fatalf("float16 %#x became %v, want %v", v, y[i], want)
			}
		}
	})
}

// f16Value is IEEE 754-2008, section 3.4, in float64.
func f16Value(b uint16) float64 {
	sign, exponent, fraction := 1.0, int(b>>10&31), float64(b&0x3ff)
	if b>>15 != 0 {
		sign = -1
	}
	switch {
	case exponent == 31 && fraction == 0:
		return math.Inf(int(sign))
	case exponent == 31:
		return math.NaN()
	case exponent == 0:
		return sign * math.Ldexp(fraction, -24)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// TestFromFloat32 rounds numbers on, beside and halfway between those of the formats.
func TestFromFloat32(t *testing.T) {
	var x []float32
	for i := range 1 << 16 {
		for _, b := range []uint32{0, 1, 0x0fff, 0x1000, 0x1001, 0x7fff, 0x8000, 0x8001, 0xffff} {
			x = append(x, math.Float32frombits(uint32(i)<<16|b))
		}
		v := float32(f16Value(uint16(i)))
		next := float32(f16Value(uint16(i) + 1))
		half := v + (next-v)/2
		x = append(x, v, half, math.Nextafter32(half, v), math.Nextafter32(half, next))
	}
	y := make([]uint16, len(x))
	each(t, func(t *testing.T) {
		Float32ToBF16(y, x)
		for i, v := range x {
			if got, want := y[i], rounded(v, 8, -133, 0x7f80); got != want && !(v != v && isNaN16(got, 0x7f80)) {
				t.Fatalf("%v (%#x) became bfloat16 %#x, want %#x", v, math.Float32bits(v), got, want)
			}
		}
		Float32ToF16(y, x)
		for i, v := range x {
			if got, want := y[i], rounded(v, 11, -24, f16Infinity); got != want && !(v != v && isNaN16(got, f16Infinity)) {
				t.Fatalf("%v (%#x) became float16 %#x, want %#x", v, math.Float32bits(v), got, want)
			}
		}
	})
}

func isNaN16(b, infinity uint16) bool { return b&0x7fff > infinity }

// rounded returns the bits of v in a format with the given precision, exponent of its smallest
// number and infinity; for a NaN, those of infinity.
func rounded(v float32, precision, least int, infinity uint16) uint16 {
	sign := uint16(math.Float32bits(v) >> 16 & 0x8000)
	x := math.Abs(float64(v))
	if math.IsInf(x, 0) || x != x {
		return sign | infinity
	}
	_, e := math.Frexp(x)
	unit := max(e-precision, least) // exponent of the last place
	if x == 0 {
		unit = least
	}
	// Numbers in order have bits in order, one unit of the last place apart.
	units := math.RoundToEven(math.Ldexp(x, -unit))
	bits := units + math.Ldexp(float64(unit-least), precision-1)
	return sign | uint16(min(bits, float64(infinity)))
}

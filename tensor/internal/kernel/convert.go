package kernel

import "math"

// BF16ToFloat32 sets y to x, bfloat16 numbers, exactly. The lengths must be equal.
func BF16ToFloat32(y []float32, x []uint16) {
	sameLength("BF16ToFloat32", len(y), len(x))
	done := bf16ToFloat32(y, x)
	bf16ToFloat32Generic(y[done:], x[done:])
}

// Float32ToBF16 sets y to x rounded to bfloat16, to nearest with ties to even; a number that is too
// large becomes infinite. The lengths must be equal.
func Float32ToBF16(y []uint16, x []float32) {
	sameLength("Float32ToBF16", len(y), len(x))
	done := float32ToBF16(y, x)
	float32ToBF16Generic(y[done:], x[done:])
}

// F16ToFloat32 sets y to x, IEEE 754 binary16 numbers, exactly. The lengths must be equal.
func F16ToFloat32(y []float32, x []uint16) {
	sameLength("F16ToFloat32", len(y), len(x))
	done := f16ToFloat32(y, x)
	f16ToFloat32Generic(y[done:], x[done:])
}

// Float32ToF16 sets y to x rounded to IEEE 754 binary16, to nearest with ties to even; a number
// that is too large becomes infinite. The lengths must be equal.
func Float32ToF16(y []uint16, x []float32) {
	sameLength("Float32ToF16", len(y), len(x))
	done := float32ToF16(y, x)
	float32ToF16Generic(y[done:], x[done:])
}

func bf16ToFloat32Generic(y []float32, x []uint16) {
	for i, v := range x[:len(y)] {
		y[i] = math.Float32frombits(uint32(v) << 16)
	}
}

func float32ToBF16Generic(y []uint16, x []float32) {
	for i, v := range x[:len(y)] {
		b := math.Float32bits(v)
		if v != v {
			b |= 0x400000 // quiet, and not infinity when truncated
		} else {
			b += 0x7fff + b>>16&1
		}
		y[i] = uint16(b >> 16)
	}
}

// Fields of binary16: 5 bits of exponent, 10 of fraction.
const (
	f16Infinity = 0x7c00
	f16Quiet    = 0x0200
)

func f16ToFloat32Generic(y []float32, x []uint16) {
	for i, v := range x[:len(y)] {
		sign, rest := uint32(v&0x8000)<<16, uint32(v&0x7fff)
		switch {
		case rest > f16Infinity: // NaN, which becomes quiet
			rest = rest<<13 | 0x7fc00000
		case rest == f16Infinity:
			rest = 0x7f800000
		default: // the bits of x·2⁻¹¹², also for denormals
			rest = math.Float32bits(math.Float32frombits(rest<<13) * 0x1p112)
		}
		y[i] = math.Float32frombits(sign | rest)
	}
}

func float32ToF16Generic(y []uint16, x []float32) {
	for i, v := range x[:len(y)] {
		b := math.Float32bits(v)
		sign, rest := uint16(b>>16&0x8000), b&0x7fffffff
		switch {
		case v != v:
			rest = f16Infinity | f16Quiet | rest>>13&0x3ff
		case rest >= 0x477ff000: // 65520 and more round to infinity
			rest = f16Infinity
		case rest < 0x38800000: // denormal below 2⁻¹⁴: adding 0.5 rounds to multiples of 2⁻²⁴
			rest = math.Float32bits(math.Float32frombits(rest)+0.5) - math.Float32bits(0.5)
		default:
			rest += 0xfff + rest>>13&1
			rest = (rest - 112<<23) >> 13
		}
		y[i] = sign | uint16(rest)
	}
}

package safetensors

import (
	"math"
	"testing"
)

// Values of Table 1 of the Wikipedia article on the half-precision format, which follows IEEE
// 754-2019, §3.4.
func TestFloat16(t *testing.T) {
	for bits, want := range map[uint16]float64{
		0x0000: 0, 0x0001: 0x1p-24, 0x03ff: 1023 * 0x1p-24, 0x0400: 0x1p-14, 0x3555: 0.333251953125, 0x3bff: 0.99951171875,
		0x3c00: 1, 0x3c01: 1.0009765625, 0x7bff: 65504, 0x7c00: math.Inf(1), 0xfc00: math.Inf(-1), 0xc000: -2, 0x8001: -0x1p-24,
	} {
		if got := float64(float16(bits)); got != want {
			t.Errorf("%#04x is %v, want %v", bits, got, want)
		}
	}
	if v := float16(0x7e00); v == v {
		t.Errorf("0x7e00 is %v, want NaN", v)
	}
	if !math.Signbit(float64(float16(0x8000))) {
		t.Error("0x8000 is not −0")
	}
}

func TestBfloat16(t *testing.T) {
	for bits, want := range map[uint16]float32{0x3f80: 1, 0xc040: -3, 0x0001: math.Float32frombits(1 << 16)} {
		if got := bfloat16(bits); got != want {
			t.Errorf("%#04x is %v, want %v", bits, got, want)
		}
	}
}

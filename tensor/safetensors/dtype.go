package safetensors

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
)

// DType is the type of the elements of a tensor, as the format spells it.
type DType string

// Types that this package converts. A tensor of another type is listed, but cannot be read.
const (
	F32  DType = "F32"  // IEEE 754 single precision
	F16  DType = "F16"  // IEEE 754 half precision
	BF16 DType = "BF16" // the upper half of an F32
)

// width is the number of bits of an element, for each type of the format.
var width = map[DType]uint64{
	"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
	"BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
	"I16": 16, "U16": 16, F16: 16, BF16: 16,
	"I32": 32, "U32": 32, F32: 32,
	"I64": 64, "U64": 64, "F64": 64, "C64": 64,
}

// maxRank limits the dimensions of a tensor.
const maxRank = 16

var errTooLarge = errors.New("the shape has more elements than memory can hold")

// count returns the number of elements of a shape.
func count(shape []int) (int, error) {
	n := uint64(1)
	for _, d := range shape {
		if d < 0 {
			return 0, errors.New("the shape has a negative dimension")
		}
		over, product := bits.Mul64(n, uint64(d))
		if over != 0 || product > math.MaxInt64/64 || product > math.MaxInt/8 {
			return 0, errTooLarge
		}
		n = product
	}
	return int(n), nil
}

// size returns the bytes of n elements, or an error if they do not fill whole bytes.
func (d DType) size(n int) (int64, error) {
	total := width[d] * uint64(n) // below 2⁶³ by count
	if total%8 != 0 {
		return 0, errors.New("the elements do not fill whole bytes")
	}
	return int64(total / 8), nil
}

// toFloat32 converts the elements of a block, two bytes each, to dst.
func (d DType) toFloat32(dst []float32, block []byte) {
	block = block[:2*len(dst)]
	if d == F16 {
		for i := range dst {
			dst[i] = float16(binary.LittleEndian.Uint16(block[2*i:]))
		}
		return
	}
	for i := range dst {
		dst[i] = bfloat16(binary.LittleEndian.Uint16(block[2*i:]))
	}
}

// float16 converts IEEE 754 half precision: 1 bit of sign, 5 of exponent, 10 of fraction.
func float16(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exponent {
	case 0: // subnormal: fraction · 2⁻²⁴, exact in float32
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)*0x1p-24))
	case 31: // infinite or not a number
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// bfloat16 converts the upper half of a float32.
func bfloat16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }

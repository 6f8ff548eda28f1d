//go:build !purego

package kernel

// These functions convert whole vectors and return the number of converted elements.

func bf16ToFloat32(y []float32, x []uint16) int {
	n := whole(len(y))
	switch {
	case n == 0:
	case active == AVX512:
		bf16ToFloat32AVX512(n, &y[0], &x[0])
	default:
		bf16ToFloat32AVX2(n, &y[0], &x[0])
	}
	return n
}

func float32ToBF16(y []uint16, x []float32) int {
	n := whole(len(y))
	switch {
	case n == 0:
	case active == AVX512:
		float32ToBF16AVX512(n, &y[0], &x[0])
	default:
		float32ToBF16AVX2(n, &y[0], &x[0])
	}
	return n
}

// whole returns the number of elements in whole vectors, 0 without assembly.
func whole(n int) int {
	if active == Generic {
		return 0
	}
	return n &^ 15
}

func f16ToFloat32(y []float32, x []uint16) int {
	n := len(y) &^ 15
	if active != AVX512 || n == 0 {
		return 0
	}
	f16ToFloat32AVX512(n, &y[0], &x[0])
	return n
}

func float32ToF16(y []uint16, x []float32) int {
	n := len(y) &^ 15
	if active != AVX512 || n == 0 {
		return 0
	}
	float32ToF16AVX512(n, &y[0], &x[0])
	return n
}

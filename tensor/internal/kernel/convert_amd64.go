//go:build !purego

package kernel

// These functions convert whole vectors and return how many elements that was.

func bf16Widen(y []float32, x []uint16) int {
	n := whole(len(y))
	switch {
	case n == 0:
	case active == AVX512:
		bf16WidenAVX512(n, &y[0], &x[0])
	default:
		bf16WidenAVX2(n, &y[0], &x[0])
	}
	return n
}

func bf16Narrow(y []uint16, x []float32) int {
	n := whole(len(y))
	switch {
	case n == 0:
	case active == AVX512:
		bf16NarrowAVX512(n, &y[0], &x[0])
	default:
		bf16NarrowAVX2(n, &y[0], &x[0])
	}
	return n
}

// whole returns the number of elements in whole vectors, none without assembly.
func whole(n int) int {
	if active == Generic {
		return 0
	}
	return n &^ 15
}

func f16Widen(y []float32, x []uint16) int {
	n := len(y) &^ 15
	if active != AVX512 || n == 0 {
		return 0
	}
	f16WidenAVX512(n, &y[0], &x[0])
	return n
}

func f16Narrow(y []uint16, x []float32) int {
	n := len(y) &^ 15
	if active != AVX512 || n == 0 {
		return 0
	}
	f16NarrowAVX512(n, &y[0], &x[0])
	return n
}

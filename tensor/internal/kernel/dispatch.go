package kernel

//go:generate env GOWORK=off go run -C _asm .

import (
	"fmt"
	"slices"
)

// Implementation names a set of loops. With one of them, the same input gives the same bits. [AVX2]
// and [AVX512] do the same roundings in the same order, and give the same bits as each other.
type Implementation uint8

// Implementations.
const (
	Generic Implementation = iota // pure Go, on every machine
	AVX2                          // amd64 with AVX2, FMA and BMI2
	AVX512                        // amd64 with AVX-512 F, BW, DQ and VL
)

// String returns "generic", "avx2" or "avx512".
func (i Implementation) String() string {
	switch i {
	case Generic:
		return "generic"
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	}
	return fmt.Sprintf("kernel.Implementation(%d)", uint8(i))
}

// Available returns the implementations that this machine can run, slowest first.
func Available() []Implementation { return append([]Implementation{Generic}, accelerated()...) }

// Active returns the implementation in use: the fastest available one, unless [Use] chose another.
func Active() Implementation { return active }

var active = Available()[len(Available())-1]

// Use sets the implementation, for tests and benchmarks. It must not be called while a kernel runs,
// and panics if this machine cannot run it.
func Use(impl Implementation) {
	if !slices.Contains(Available(), impl) {
		panic(fmt.Sprintf("kernel: this machine cannot run %v; it can run %v", impl, Available()))
	}
	active = impl
}

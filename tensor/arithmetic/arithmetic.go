// Package arithmetic names the arithmetic of Go code on this machine. The same Go code gives other
// last bits where the compiler fuses a multiplication with an addition, and where the standard
// library computes functions such as exp by another algorithm. A name of what computed is complete
// only with the name of this arithmetic.
package arithmetic

import (
	"math"
	"runtime"
	"strings"
	"sync"
)

// Engine returns the name of an engine together with that of the arithmetic of Go code:
//
//	avx512            amd64, the reference: nothing is fused, math.Exp uses FMA
//	generic-nofma     amd64, on a processor without AVX or FMA, or with GODEBUG=cpu.fma=off
//	avx2-amd64v3      amd64, compiled with GOAMD64=v3 or v4: the compiler fuses
//	generic-arm64     another architecture, by its name
//	avx512-unknown    amd64, with a math.Exp that this version does not know
//
// With one engine of one name, and one version of Go, the same input gives the same bits. An engine
// that has the name of the arithmetic already is returned as it is.
func Engine(engine string) string {
	name := name()
	if name == "" || strings.HasSuffix(engine, "-"+name) {
		return engine
	}
	return engine + "-" + name
}

// name is the name of the arithmetic; "" for the reference.
var name = sync.OnceValue(func() string {
	if runtime.GOARCH != "amd64" {
		return runtime.GOARCH
	}
	if fuses(1+0x1p-30, 1-0x1p-30, -1) {
		return "amd64v3"
	}
	switch expBits() {
	case withFMA:
		return ""
	case withoutFMA:
		return "nofma"
	}
	return "unknown"
})

// fuses reports whether the compiler fused this multiplication and addition: x·y is 1 after it is
// rounded, so that x·y + z is 0 unless it is rounded only once.
//
//go:noinline
func fuses(x, y, z float64) bool { return x*y+z != 0 }

// What expBits returns on amd64. These are all functions of package math whose bits depend on the
// processor there: math/exp_amd64.s alone asks for FMA. Others, such as Pow and Erf, call Exp.
const (
	withFMA    = 0x0bb392b163bc5857
	withoutFMA = 0x58eefd89b9118b90
)

// expBits returns a hash (FNV-1a over words) of exponentials.
func expBits() uint64 {
	h := uint64(14695981039346656037)
	for i := -2000; i < 2000; i++ {
		h = (h ^ math.Float64bits(math.Exp(float64(i)*0.0173))) * 1099511628211
	}
	return h
}

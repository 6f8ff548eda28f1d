package kernel

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"
)

// guarded returns slices that end where memory ends: the next page cannot be read, so a load past
// the end ends the test.
func guarded(t *testing.T, lengths ...int) [][]float32 {
	t.Helper()
	page := syscall.Getpagesize()
	var slices [][]float32
	for _, n := range lengths {
		size := (n*floatSize + page - 1) / page * page
		mem, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			t.Fatalf("mmap: %v", err)
		}
		t.Cleanup(func() { _ = syscall.Munmap(mem) })
		if err := syscall.Mprotect(mem[size:], syscall.PROT_NONE); err != nil {
			t.Fatalf("mprotect: %v", err)
		}
		slices = append(slices, unsafe.Slice((*float32)(unsafe.Pointer(&mem[size-n*floatSize])), n))
	}
	return slices
}

func TestGemmReadsInside(t *testing.T) {
	mem := guarded(t, 1<<16, 1<<18, 1<<16)
	end := func(s []float32, n int) []float32 { return s[len(s)-n:] }
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 5))
		for range 3000 {
			m, n, k := 1+r.IntN(60), 1+r.IntN(80), 1+r.IntN(60)
			transA, transB := r.IntN(2) == 0, r.IntN(2) == 0
			lda, ldb := k, n
			if transA {
				lda = m
			}
			if transB {
				ldb = k
			}
			Gemm(transA, transB, m, n, k, 1, end(mem[0], m*k), lda, end(mem[1], k*n), ldb, float32(r.IntN(2)), end(mem[2], m*n), n)
		}
		for range 30 { // products of a single row with a large B
			n := 300 + r.IntN(40)
			k := 1<<17/n + 1 + r.IntN(40)
			Gemm(false, false, 1, n, k, 1, end(mem[0], k), k, end(mem[1], k*n), n, float32(r.IntN(2)), end(mem[2], n), n)
		}
	})
}

func TestVectorLoopsReadInside(t *testing.T) {
	mem := guarded(t, 256, 256, 256, 256, 256)
	each(t, func(t *testing.T) {
		for _, l := range vectorLoops {
			for n := range 256 {
				var s [][]float32
				for _, m := range mem[:l.slices] {
					s = append(s, m[len(m)-n:])
				}
				l.run(s)
			}
		}
	})
}

package kernel

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// BenchmarkGEMM measures single-precision matrix products as arithmetic per
// nanosecond. The command in tensor/benchmarks takes turns with OpenBLAS.
func BenchmarkGEMM(b *testing.B) {
	shapes := []struct {
		m, n, k        int
		transA, transB bool
		threads        int
	}{
		{16, 16, 16, false, false, 1},
		{64, 64, 64, false, false, 1},
		{128, 128, 128, false, false, 1},
		{256, 256, 256, false, false, 1},
		{512, 512, 512, false, false, 1},
		{1024, 1024, 1024, false, false, 1},
		{1024, 1024, 1024, false, false, 2},
		{1024, 256, 784, false, false, 1}, // a layer of the digits model: forward,
		{784, 256, 1024, true, false, 1},  // gradient of its weights,
		{1024, 784, 256, false, true, 1},  // and of its input
		{4096, 29, 32, false, false, 1},   // the last layer of a small language model
		{1, 256, 256, false, false, 1},    // one token
		{256, 1, 256, false, false, 1},
	}
	for _, s := range shapes {
		x, y, z := randomFloats(s.m*s.k), randomFloats(s.k*s.n), make([]float32, s.m*s.n)
		lda, ldb, opA, opB := s.k, s.n, blas.NoTrans, blas.NoTrans
		if s.transA {
			lda, opA = s.m, blas.Trans
		}
		if s.transB {
			ldb, opB = s.k, blas.Trans
		}
		ours := func() {
			GemmThreads(s.threads, s.transA, s.transB, s.m, s.n, s.k, 1, x, lda, y, ldb, 0, z, s.n)
		}
		run := func(impl string, f func()) {
			b.Run(fmt.Sprintf("op=gemm/m=%d/n=%d/k=%d/ta=%v/tb=%v/threads=%d/impl=%s", s.m, s.n, s.k, s.transA, s.transB, s.threads, impl), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					f()
				}
				b.ReportMetric(2*float64(s.m)*float64(s.n)*float64(s.k)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "gflops")
			})
		}
		run("undertone", ours)
		if s.threads > 1 {
			continue
		}
		run("purego", func() {
			before := Active()
			Use(Generic)
			ours()
			Use(before)
		})
		run("gonum", func() {
			gonum.Implementation{}.Sgemm(opA, opB, s.m, s.n, s.k, 1, x, lda, y, ldb, 0, z, s.n)
		})
	}
}

// BenchmarkGEMMBatch measures small models in step, and the heads of an attention.
func BenchmarkGEMMBatch(b *testing.B) {
	for _, s := range []struct{ count, m, n, k int }{{64, 64, 32, 32}, {64, 16, 16, 16}, {16, 128, 128, 32}} {
		x, y, z := randomFloats(s.count*s.m*s.k), randomFloats(s.count*s.k*s.n), make([]float32, s.count*s.m*s.n)
		b.Run(fmt.Sprintf("op=gemm_batch/count=%d/m=%d/n=%d/k=%d/threads=1/impl=undertone", s.count, s.m, s.n, s.k), func(b *testing.B) {
			b.ReportAllocs()
			batch := Batch{Count: s.count, StrideA: s.m * s.k, StrideB: s.k * s.n, StrideC: s.m * s.n}
			for b.Loop() {
				batch.Gemm(false, false, s.m, s.n, s.k, 1, x, s.k, y, s.n, 0, z, s.n)
			}
			flops := 2 * float64(s.count) * float64(s.m) * float64(s.n) * float64(s.k)
			b.ReportMetric(flops*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "gflops")
		})
	}
}

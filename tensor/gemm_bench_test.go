package tensor_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// BenchmarkGEMM measures single-precision matrix products, in arithmetic operations per nanosecond:
// of the engine, of its pure-Go twin and of gonum. The letters after gemm- name the transposed
// operands. The command in tensor/benchmarks compares with OpenBLAS in alternation.
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
		{2048, 2048, 2048, false, false, 1},
		{2048, 2048, 2048, false, false, 2},
		{1024, 256, 784, false, false, 1}, // a layer of the digits model: forward,
		{784, 256, 1024, true, false, 1},  // gradient of its weights,
		{1024, 784, 256, false, true, 1},  // and of its input
		{4096, 29, 32, false, false, 1},   // the last layer of a small language model
		{1, 256, 256, false, false, 1},    // one token
		{256, 1, 256, false, false, 1},
	}
	for _, s := range shapes {
		x, y, z := floats(s.m*s.k), floats(s.k*s.n), make([]float32, s.m*s.n)
		op, lda, ldb, opA, opB := "gemm", s.k, s.n, blas.NoTrans, blas.NoTrans
		if s.transA {
			op, lda, opA = "gemm-tn", s.m, blas.Trans
		}
		if s.transB {
			op, ldb, opB = "gemm-nt", s.k, blas.Trans
		}
		ours := func() {
			kernel.GemmThreads(s.threads, s.transA, s.transB, s.m, s.n, s.k, 1, x, lda, y, ldb, 0, z, s.n)
		}
		run := func(impl string, f func()) {
			b.Run(fmt.Sprintf("op=%s/m=%d/n=%d/k=%d/threads=%d/impl=%s", op, s.m, s.n, s.k, s.threads, impl), func(b *testing.B) {
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
			before := kernel.Active()
			kernel.Use(kernel.Generic)
			ours()
			kernel.Use(before)
		})
		run("gonum", func() {
			gonum.Implementation{}.Sgemm(opA, opB, s.m, s.n, s.k, 1, x, lda, y, ldb, 0, z, s.n)
		})
	}
}

func floats(n int) []float32 {
	return tensor.Normal(rand.New(rand.NewPCG(1, 1)), 1, n).Data()
}

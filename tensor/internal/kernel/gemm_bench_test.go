package kernel

import (
	"fmt"
	"testing"
)

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

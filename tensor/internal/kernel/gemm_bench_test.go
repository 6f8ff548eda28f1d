package kernel

import (
	"fmt"
	"sync"
	"testing"
)

// BenchmarkGEMMBatch measures small models that train together, and the heads of an attention.
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

// BenchmarkGEMMRow multiplies one row by matrices that are in no cache, as a language model does
// for each token, and compares with a plain read of the same memory.
func BenchmarkGEMMRow(b *testing.B) {
	memory := make([]float32, 26<<20)
	for i := range memory { // on pages of its own
		memory[i] = 1
	}
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("op=read/threads=%d", threads), func(b *testing.B) {
			b.SetBytes(floatSize * int64(len(memory)))
			for b.Loop() {
				var wg sync.WaitGroup
				for t := range threads {
					wg.Go(func() { Sum(memory[t*len(memory)/threads : (t+1)*len(memory)/threads]) })
				}
				wg.Wait()
			}
		})
	}
	for _, s := range []struct{ k, n int }{{512, 512}, {512, 1376}, {1376, 512}} {
		x, y := randomFloats(s.k), make([]float32, s.n)
		for threads := 1; threads <= 2; threads++ { // each reads its part of the columns
			b.Run(fmt.Sprintf("op=gemm/m=1/n=%d/k=%d/threads=%d", s.n, s.k, threads), func(b *testing.B) {
				size := s.k * s.n
				b.SetBytes(floatSize * int64(len(memory)/size*size))
				for b.Loop() {
					var wg sync.WaitGroup
					for t := range threads {
						wg.Go(func() {
							from, to := t*s.n/threads, (t+1)*s.n/threads
							for at := 0; at+size <= len(memory); at += size {
								Gemm(false, false, 1, to-from, s.k, 1, x, s.k, memory[at+from:], s.n, 0, y[from:], s.n)
							}
						})
					}
					wg.Wait()
				}
			})
		}
	}
}

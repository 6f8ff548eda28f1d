package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func randomFloats(n int) []float32 {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	x := make([]float32, n)
	for i := range x {
		x[i] = r.Float32()*2 - 1
	}
	return x
}

func BenchmarkSmall(b *testing.B) {
	for _, s := range [][3]int{{1, 1, 1}, {2, 2, 2}, {4, 4, 4}, {8, 8, 8}, {16, 16, 16}, {24, 24, 24}, {32, 32, 32}, {64, 64, 64}, {1, 256, 256}, {256, 1, 256}, {64, 29, 32}, {64, 13, 256}} {
		for _, tr := range []string{"nn", "nt", "tn"} {
			m, n, k := s[0], s[1], s[2]
			x, y, z := randomFloats(m*k), randomFloats(k*n), randomFloats(m*n)
			b.Run(fmt.Sprintf("m=%d/n=%d/k=%d/%s", m, n, k, tr), func(b *testing.B) {
				lda, ldb := k, n
				if tr[0] == 't' {
					lda = m
				}
				if tr[1] == 't' {
					ldb = k
				}
				for b.Loop() {
					Gemm(tr[0] == 't', tr[1] == 't', m, n, k, 1, x, lda, y, ldb, 0, z, n)
				}
				b.ReportMetric(2*float64(m*n*k)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "gflops")
			})
		}
	}
}

package kernel

import (
	"fmt"
	"math/bits"
	"sync"
)

// Batch describes products of one shape: of the heads of an attention, or of small models that
// train together. The i-th product reads A[i·StrideA:] and B[i·StrideB:] and writes C[i·StrideC:];
// a stride of 0 shares A or B.
type Batch struct {
	Count                     int // number of products, >= 0
	StrideA, StrideB, StrideC int // elements
	Threads                   int // largest number of goroutines; 0 means 1
}

// Gemm computes the products of the batch; its arguments are those of [Gemm]. The matrices C must
// not overlap each other. The bits are those of Count calls of Gemm.
func (s Batch) Gemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if s.Count == 0 {
		return
	}
	p := product{transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc}
	p.check()
	s.check(&p)
	if m == 0 || n == 0 {
		return
	}
	if threads := s.threads(&p); threads > 1 {
		s.split(p, threads)
		return
	}
	s.run(p, 0, s.Count)
}

// threads returns the number of goroutines that are worth starting.
func (s Batch) threads(p *product) int {
	work := float64(p.m) * float64(p.n) * float64(p.k) * float64(s.Count) / workPerThread
	return int(min(float64(s.Threads), work, float64(s.Count)))
}

func (s Batch) split(p product, threads int) {
	var wg sync.WaitGroup
	for t := range threads {
		wg.Go(func() { s.run(p, t*s.Count/threads, (t+1)*s.Count/threads) })
	}
	wg.Wait()
}

// run computes products i to end.
func (s Batch) run(p product, i, end int) {
	a, b, c := p.a, p.b, p.c
	for ; i < end; i++ {
		if p.k > 0 {
			p.a, p.b = a[i*s.StrideA:], b[i*s.StrideB:]
		}
		p.c = c[i*s.StrideC:]
		p.run()
	}
}

// check panics if the last product does not fit; the first one was checked.
func (s Batch) check(p *product) {
	if s.Count < 0 || s.StrideA < 0 || s.StrideB < 0 || s.StrideC < 0 {
		panic(fmt.Sprintf("kernel: batch: count %d or stride %d, %d, %d is negative", s.Count, s.StrideA, s.StrideB, s.StrideC))
	}
	if p.m == 0 || p.n == 0 {
		return
	}
	// One after the other, or side by side in the same rows, as for the heads of an attention.
	apart := s.Count == 1 || s.StrideC >= (p.m-1)*p.ldc+p.n || s.StrideC >= p.n && s.StrideC <= (p.ldc-p.n)/(s.Count-1)
	if !apart {
		panic(fmt.Sprintf("kernel: batch: %d matrices C of %d×%d with leading dimension %d and stride %d overlap", s.Count, p.m, p.n, p.ldc, s.StrideC))
	}
	s.checkLast("A", p.transA, p.m, p.k, p.lda, len(p.a), s.StrideA)
	s.checkLast("B", p.transB, p.k, p.n, p.ldb, len(p.b), s.StrideB)
	s.checkLast("C", false, p.m, p.n, p.ldc, len(p.c), s.StrideC)
}

func (s Batch) checkLast(name string, trans bool, rows, cols, ld, length, stride int) {
	if trans {
		rows, cols = cols, rows
	}
	over, offset := bits.Mul64(uint64(s.Count-1), uint64(stride))
	if over != 0 || offset > uint64(length) || !fits(rows, cols, ld, length-int(offset)) {
		panic(fmt.Sprintf("kernel: batch: %s: %d elements are too few for %d matrices of %d×%d with leading dimension %d and stride %d",
			name, length, s.Count, rows, cols, ld, stride))
	}
}

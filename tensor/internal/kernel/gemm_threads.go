package kernel

import "sync"

// workPerThread is the number of multiply-adds below which another goroutine costs more time than
// it saves: waking an idle core takes about 0.1 ms.
const workPerThread = 1 << 24

// GemmThreads is [Gemm] on up to the given number of goroutines, fewer if the product is small. The
// number does not change the bits.
func GemmThreads(threads int, transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	p := product{transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc}
	p.check()
	if threads = p.threads(threads); threads <= 1 {
		p.run()
		return
	}
	p.split(threads)
}

// threads returns the number of goroutines that are worth starting. It computes in float64, which
// cannot overflow.
func (p *product) threads(most int) int {
	work := float64(p.m) * float64(p.n) * float64(p.k) / workPerThread
	return int(min(float64(most), work, float64(max(p.m, p.n))))
}

// split computes the product in strips of C, one for each goroutine: strips of columns if C is wide
// enough, because then no two goroutines copy the same part of B.
func (p *product) split(threads int) {
	const unit = 32 // columns of the widest panel
	var wg sync.WaitGroup
	byColumn := p.n >= 4*unit*threads
	size := p.m
	if byColumn {
		size = ceilDiv(p.n, unit)
	}
	for t := range threads {
		low, high := t*size/threads, (t+1)*size/threads
		var part product
		if byColumn {
			part = p.columns(low*unit, min(high*unit, p.n))
		} else {
			part = p.rows(low, high)
		}
		if t == threads-1 {
			part.run()
			continue
		}
		wg.Go(part.run)
	}
	wg.Wait()
}

// rows returns the product that computes rows i to end of C.
func (p *product) rows(i, end int) product {
	part := *p
	part.m = end - i
	if part.m == 0 || p.k == 0 {
		return part
	}
	if p.transA {
		part.a = p.a[i:]
	} else {
		part.a = p.a[i*p.lda:]
	}
	part.c = p.c[i*p.ldc:]
	return part
}

// columns returns the product that computes columns j to end of C.
func (p *product) columns(j, end int) product {
	part := *p
	part.n = end - j
	if part.n == 0 || p.k == 0 {
		return part
	}
	if p.transB {
		part.b = p.b[j*p.ldb:]
	} else {
		part.b = p.b[j:]
	}
	part.c = p.c[j:]
	return part
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

//go:build !purego

package kernel

// rowColumns is the number of columns that gemmRow computes at a time: their sums stay in the
// first-level cache, and rows of B are read in long runs.
const rowColumns = 4096

// oneRow reports whether gemmRow computes the product: it has a single row and a B that does not
// fit the second-level cache, so its time is that of reading B. A tile reads narrow strips of B,
// which a processor prefetches badly.
func (p *product) oneRow() bool {
	const least = 1 << 17 // elements
	return p.m == 1 && !p.transB && p.k*p.n >= least && p.n >= 4*lineFloats && p.alpha == 1 && (p.beta == 0 || p.beta == 1)
}

// gemmRow is Gemm for one row of C as a sum of whole rows of B. The sums are those of gemmTiled,
// block by block of k, with the same bits.
func gemmRow(p *product) {
	kc := evenly(p.k, kBlock, 1)
	w := workspaces.Get().(*workspace)
	defer workspaces.Put(w)
	sums, _ := w.buffers(min(p.n, rowColumns), 0)
	for j := 0; j < p.n; j += rowColumns {
		c := p.c[j:min(j+rowColumns, p.n)]
		for l := 0; l < p.k; l += kc {
			y := sums[:len(c)]
			if l == 0 && p.beta == 0 {
				y = c
			}
			clear(y)
			p.addRowProducts(y, j, l, min(kc, p.k-l))
			if l > 0 || p.beta != 0 {
				add(c, y)
			}
		}
	}
}

// addRowProducts adds the products of k in [l, l+steps) for the columns of y, which start at j.
func (p *product) addRowProducts(y []float32, j, l, steps int) {
	aStep := 1
	if p.transA {
		aStep = p.lda
	}
	a, b := &p.a[l*aStep], &p.b[l*p.ldb+j]
	if active == AVX512 {
		addRowProductsAVX512(len(y), &y[0], b, p.ldb*floatSize, a, aStep*floatSize, steps)
	} else {
		addRowProductsAVX2(len(y), &y[0], b, p.ldb*floatSize, a, aStep*floatSize, steps)
	}
}

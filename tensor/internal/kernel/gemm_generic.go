package kernel

// gemmGeneric is the specification of Gemm. It sums each element of C in order
// of k, so its bits do not depend on the shape's blocking.
func gemmGeneric(p *product) {
	p.scale()
	for i := range p.m {
		row := p.c[i*p.ldc:][:p.n]
		for l := range p.k {
			var x float32
			if p.transA {
				x = p.a[l*p.lda+i]
			} else {
				x = p.a[i*p.lda+l]
			}
			x *= p.alpha
			if p.transB {
				for j := range row {
					row[j] += x * p.b[j*p.ldb+l]
				}
				continue
			}
			for j, y := range p.b[l*p.ldb:][:p.n] {
				row[j] += x * y
			}
		}
	}
}

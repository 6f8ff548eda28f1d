package kernel

// Blocks of op(B) that stay in the second-level cache while rows of C use them.
const (
	genericRows = 128 // of op(B)
	genericCols = 256
)

// gemmGeneric is Gemm in pure Go. It adds the products to beta·C one by one, in order of k, so its
// bits do not depend on the blocks.
func gemmGeneric(p *product) {
	if p.n == 1 && p.ldc == 1 && p.alpha == 1 { // otherwise alpha would scale B, not A
		row := p.transposed() // a row of C is one loop, a column many short ones
		p = &row
	}
	p.scale()
	if !p.transB {
		p.addBlocks(nil)
		return
	}
	w := workspaces.Get().(*workspace)
	defer workspaces.Put(w)
	_, copied := w.buffers(0, genericRows*genericCols)
	p.addBlocks(copied)
}

// addBlocks adds alpha·op(A)·op(B) to C. It copies a transposed B block by block to the order of B.
func (p *product) addBlocks(copied []float32) {
	for j := 0; j < p.n; j += genericCols {
		cols := min(genericCols, p.n-j)
		for l := 0; l < p.k; l += genericRows {
			rows := min(genericRows, p.k-l)
			b, ldb := copied, cols
			if p.transB {
				transposeInto(copied, p.b[j*p.ldb+l:], p.ldb, rows, cols)
			} else {
				b, ldb = p.b[l*p.ldb+j:], p.ldb
			}
			for i := range p.m {
				p.addRow(p.c[i*p.ldc+j:][:cols], i, l, rows, b, ldb)
			}
		}
	}
}

// addRow adds the products of k in [l, l+rows) to a part of row i of C.
func (p *product) addRow(c []float32, i, l, rows int, b []float32, ldb int) {
	a, step := p.a[i:], p.lda
	if !p.transA {
		a, step = p.a[i*p.lda:], 1
	}
	a = a[l*step:]
	for ; rows >= 8; rows -= 8 {
		x := [8]float32{a[0], a[step], a[2*step], a[3*step], a[4*step], a[5*step], a[6*step], a[7*step]}
		for q := range x {
			x[q] *= p.alpha
		}
		addRows(c, &x, b, ldb)
		a, b = a[min(8*step, len(a)):], b[min(8*ldb, len(b)):]
	}
	for q := range rows {
		x := p.alpha * a[q*step]
		for j, y := range b[q*ldb:][:len(c)] {
			c[j] += x * y
		}
	}
}

// addRows adds eight rows of b, each times its x, to c.
func addRows(c []float32, x *[8]float32, b []float32, ldb int) {
	n := len(c)
	b0, b1, b2, b3 := b[:n], b[ldb:][:n], b[2*ldb:][:n], b[3*ldb:][:n]
	b4, b5, b6, b7 := b[4*ldb:][:n], b[5*ldb:][:n], b[6*ldb:][:n], b[7*ldb:][:n]
	x0, x1, x2, x3, x4, x5, x6, x7 := x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
	for j, s := range c {
		s += x0 * b0[j]
		s += x1 * b1[j]
		s += x2 * b2[j]
		s += x3 * b3[j]
		s += x4 * b4[j]
		s += x5 * b5[j]
		s += x6 * b6[j]
		s += x7 * b7[j]
		c[j] = s
	}
}

// transposeInto writes the transpose of a cols×rows matrix: to[l*cols+j] = from[j*ld+l].
func transposeInto(to, from []float32, ld, rows, cols int) {
	for j := range cols {
		for l, x := range from[j*ld:][:rows] {
			to[l*cols+j] = x
		}
	}
}

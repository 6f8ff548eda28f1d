package kernel

import (
	"fmt"
	"math/bits"
)

// Gemm computes C ← alpha·op(A)·op(B) + beta·C in float32, where op transposes if transA or transB
// is set. op(A) is m×k, op(B) is k×n, C is m×n; all are row-major with the leading dimensions lda,
// ldb and ldc (elements from one row to the next). With beta = 0, C is not read; with alpha = 0 or
// k = 0, A and B are not read. C must not overlap A or B. Gemm panics if a size is negative, if a
// leading dimension is shorter than its row, or if a slice is too short for its matrix.
//
// The bits of an element of C depend only on its row of op(A), its column of op(B), its old value,
// alpha, beta and the implementation (see [Active]). They do not depend on m, n, the leading
// dimensions, the position in C, or the goroutine. Any number of goroutines may call Gemm at once.
func Gemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	p := product{transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc}
	p.check()
	p.run()
}

// product holds the arguments of Gemm.
type product struct {
	transA, transB bool
	m, n, k        int
	alpha          float32
	a              []float32
	lda            int
	b              []float32
	ldb            int
	beta           float32
	c              []float32
	ldc            int
}

// run computes the product. Its arguments were checked.
func (p *product) run() {
	if p.m == 0 || p.n == 0 {
		return
	}
	if p.k == 0 || p.alpha == 0 {
		p.scale()
		return
	}
	gemm(p)
}

// scale computes C ← beta·C.
func (p *product) scale() {
	for i := range p.m {
		row := p.c[i*p.ldc:][:p.n]
		switch p.beta {
		case 0:
			clear(row)
		case 1:
			return
		default:
			for j := range row {
				row[j] *= p.beta
			}
		}
	}
}

// transposed returns the product of a single column as a product of a single row: Cᵀ =
// op(B)ᵀ·op(A)ᵀ. C must be contiguous.
func (p *product) transposed() product {
	return product{!p.transB, !p.transA, p.n, p.m, p.k, p.alpha, p.b, p.ldb, p.a, p.lda, p.beta, p.c, p.m}
}

// check panics if the arguments do not describe three matrices: the assembly would read or write
// outside the slices.
func (p *product) check() {
	if p.m < 0 || p.n < 0 || p.k < 0 {
		panic(fmt.Sprintf("kernel: gemm: size %d×%d×%d is negative", p.m, p.n, p.k))
	}
	checkMatrix("A", p.transA, p.m, p.k, p.lda, len(p.a))
	checkMatrix("B", p.transB, p.k, p.n, p.ldb, len(p.b))
	checkMatrix("C", false, p.m, p.n, p.ldc, len(p.c))
}

func checkMatrix(name string, trans bool, rows, cols, ld, length int) {
	if trans {
		rows, cols = cols, rows
	}
	if !fits(rows, cols, ld, length) {
		badMatrix(name, rows, cols, ld, length)
	}
}

// fits reports whether a rows×cols matrix fits a slice of the given length.
func fits(rows, cols, ld, length int) bool {
	if rows == 0 || cols == 0 {
		return true
	}
	over, last := bits.Mul64(uint64(rows-1), uint64(ld))
	return ld >= cols && length >= cols && over == 0 && last <= uint64(length-cols)
}

func badMatrix(name string, rows, cols, ld, length int) {
	if ld < cols {
		panic(fmt.Sprintf("kernel: gemm: %s: leading dimension %d is less than its %d columns", name, ld, cols))
	}
	panic(fmt.Sprintf("kernel: gemm: %s: %d elements are too few for %d×%d with leading dimension %d", name, length, rows, cols, ld))
}

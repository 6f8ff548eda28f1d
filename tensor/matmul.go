package tensor

import (
	"slices"

	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// Transpose names the operands of [Tape.MatMul] that are transposed. TransposeA | TransposeB is
// both.
type Transpose uint8

// Operands of MatMul.
const (
	TransposeA Transpose = 1 << iota
	TransposeB
)

// MatMul returns op(a)·op(b), where op transposes the last two dimensions of the operands that
// flags name. op(a) is [... m k]; op(b) is [... k n] with the same leading dimensions, or [k n] for
// all of them; the result is [... m n].
func (t *Tape) MatMul(a, b *Tensor, flags ...Transpose) *Tensor {
	var f Transpose
	for _, flag := range flags {
		f |= flag
	}
	shape := productShape(a, b, f)
	y := t.result(shape[:a.rank]...)
	p := stackUp(a, b, y, f)
	p.multiply(p.transA, p.transB, p.a, p.b, 0, p.y)
	if n := t.record(matMulBackward, y, a, b, nil); n != nil {
		n.flags = f
	}
	return y
}

// matMulBackward computes, for Y = op(A)·op(B) with gradient G, the gradient G·op(B)ᵀ by op(A) and
// op(A)ᵀ·G by op(B), transposed where op transposes.
func matMulBackward(t *Tape, n *node) {
	p := stackUp(n.a, n.b, n.out, n.flags)
	a, b, g := p.a, p.b, p.y.over(n.grad)
	if data, beta := t.gradOf(n.a); data != nil {
		if p.transA {
			p.multiply(p.transB, true, b, g, beta, a.over(data))
		} else {
			p.multiply(false, !p.transB, g, b, beta, a.over(data))
		}
	}
	if data, beta := t.gradOf(n.b); data != nil {
		if p.transB {
			p.multiply(true, p.transA, g, a, beta, b.over(data))
		} else {
			p.multiply(!p.transA, false, a, g, beta, b.over(data))
		}
	}
}

// productShape returns the shape of op(a)·op(b), which has the rank of a.
func productShape(a, b *Tensor, f Transpose) [MaxRank]int {
	if a.rank < 2 || b.rank < 2 {
		misuse("MatMul", "shapes %v and %v, want at least 2 dimensions", a.Shape(), b.Shape())
	}
	if b.rank > 2 && !slices.Equal(a.dims[:a.rank-2], b.dims[:b.rank-2]) {
		misuse("MatMul", "%v × %v: leading dimensions differ", a.Shape(), b.Shape())
	}
	m, k := a.dims[a.rank-2], a.dims[a.rank-1]
	if f&TransposeA != 0 {
		m, k = k, m
	}
	kb, n := b.dims[b.rank-2], b.dims[b.rank-1]
	if f&TransposeB != 0 {
		kb, n = n, kb
	}
	if k != kb {
		misuse("MatMul", "%v × %v with flags %02b: inner dimensions %d and %d differ", a.Shape(), b.Shape(), f, k, kb)
	}
	shape := a.dims
	shape[a.rank-2], shape[a.rank-1] = m, n
	return shape
}

// stack is consecutive matrices of one shape.
type stack struct {
	data       []float32
	rows, cols int
	stride     int // from one matrix to the next; 0 if one matrix is for all products
}

// stackOf views x as a stack of its last two dimensions.
func stackOf(x *Tensor) stack {
	rows, cols := x.dims[x.rank-2], x.dims[x.rank-1]
	return stack{x.data, rows, cols, rows * cols}
}

// over returns the same stack over other elements.
func (s stack) over(data []float32) stack {
	s.data = data
	return s
}

// products is count products y = op(a)·op(b).
type products struct {
	count          int
	transA, transB bool
	a, b, y        stack
}

func stackUp(a, b, y *Tensor, f Transpose) products {
	p := products{volume(a.dims[:a.rank-2]), f&TransposeA != 0, f&TransposeB != 0, stackOf(a), stackOf(b), stackOf(y)}
	if b.rank > 2 {
		return p
	}
	p.b.stride = 0
	if !p.transA { // the rows of all products form one product
		p.a.rows *= p.count
		p.y.rows *= p.count
		p.count = 1
	}
	return p
}

// multiply computes c ← op(a)·op(b) + beta·c for every product. If all products share c, it is
// their sum.
func (p *products) multiply(transA, transB bool, a, b stack, beta float32, c stack) {
	k := a.cols
	if transA {
		k = a.rows
	}
	if p.count == 0 && beta == 0 {
		clear(c.data)
	}
	if c.stride > 0 || p.count <= 1 {
		kernel.Batch{Count: p.count, StrideA: a.stride, StrideB: b.stride, StrideC: c.stride}.
			Gemm(transA, transB, c.rows, c.cols, k, 1, a.data, a.cols, b.data, b.cols, beta, c.data, c.cols)
		return
	}
	for i := range p.count {
		kernel.Gemm(transA, transB, c.rows, c.cols, k, 1, a.data[i*a.stride:], a.cols, b.data[i*b.stride:], b.cols, beta, c.data, c.cols)
		beta = 1
	}
}

package tensor

import (
	"slices"

	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// Linear returns x·w + b for every row of x. x is [... in], w is [in out], b is [out], or nil for
// none; the result is [... out].
func (t *Tape) Linear(x, w, b *Tensor) *Tensor {
	y := t.product("Linear", x, w, b)
	if b != nil {
		kernel.AddRows(y.data, b.data)
	}
	t.record(linearBackward, y, x, w, b)
	return y
}

// LinearReLU returns max(0, x·w + b): [Tape.Linear] and [Tape.ReLU] in one pass.
func (t *Tape) LinearReLU(x, w, b *Tensor) *Tensor {
	if b == nil {
		return t.ReLU(t.Linear(x, w, nil))
	}
	y := t.product("LinearReLU", x, w, b)
	kernel.AddRowsReLU(y.data, y.data, b.data)
	t.record(linearReLUBackward, y, x, w, b)
	return y
}

// product returns x·w, to which the caller adds b.
func (t *Tape) product(op string, x, w, b *Tensor) *Tensor {
	wantRank(op, "w", w, 2)
	rows, in := matrix(op, x)
	if in != w.dims[0] {
		misuse(op, "x of shape %v has %[3]d inputs, w of shape %[2]v wants %[4]d", x.Shape(), w.Shape(), in, w.dims[0])
	}
	out := w.dims[1]
	if b != nil {
		wantVector(op, "b", b, out)
	}
	shape := x.dims
	shape[x.rank-1] = out
	y := t.result(shape[:x.rank]...)
	gemm(false, false, rows, out, in, x.data, in, w.data, out, 0, y.data, out)
	return y
}

func linearReLUBackward(t *Tape, n *node) {
	kernel.ReLUBackward(n.grad, n.out.data)
	linearBackward(t, n)
}

// linearBackward: dW = xᵀ·g, db = the sum of g's rows, dx = g·Wᵀ.
func linearBackward(t *Tape, n *node) {
	x, w, b, g := n.a, n.b, n.c, n.grad
	rows, in := matrix("Linear", x)
	out := w.dims[1]
	if dw, beta := t.gradOf(w); dw != nil {
		gemm(true, false, in, out, rows, x.data, in, g, out, beta, dw, out)
	}
	if db := t.sumOf(b); db != nil {
		kernel.SumRows(db, g)
	}
	if dx, beta := t.gradOf(x); dx != nil {
		gemm(false, true, rows, in, out, g, out, w.data, out, beta, dx, in)
	}
}

// AddBias returns x with b added to every row: x is [... n], b is [n]. A b with more dimensions is
// added to every part of its shape: with x [batch tokens n] and b [tokens n], to every sequence.
func (t *Tape) AddBias(x, b *Tensor) *Tensor {
	if b.rank == 0 || b.rank > x.rank || !slices.Equal(b.Shape(), x.dims[x.rank-b.rank:x.rank]) {
		misuse("AddBias", "b has shape %v, want the last dimensions of %v", b.Shape(), x.Shape())
	}
	y := t.copyOf(x)
	kernel.AddRows(y.data, b.data)
	t.record(addBiasBackward, y, x, b, nil)
	return y
}

// AddBiasReLU returns max(0, x + b) for every row of x: [Tape.AddBias] and [Tape.ReLU] in one pass.
// x is [... n], b is [n].
func (t *Tape) AddBiasReLU(x, b *Tensor) *Tensor {
	wantVector("AddBiasReLU", "b", b, x.Dim(-1))
	y := t.result(x.Shape()...)
	kernel.AddRowsReLU(y.data, x.data, b.data)
	t.record(addBiasReLUBackward, y, x, b, nil)
	return y
}

func addBiasReLUBackward(t *Tape, n *node) {
	kernel.ReLUBackward(n.grad, n.out.data)
	addBiasBackward(t, n)
}

func addBiasBackward(t *Tape, n *node) {
	if db := t.sumOf(n.b); db != nil {
		kernel.SumRows(db, n.grad)
	}
	t.pass(n, n.a)
}

// gemm is kernel.Gemm with alpha = 1.
func gemm(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	kernel.Gemm(transA, transB, m, n, k, 1, a, lda, b, ldb, beta, c, ldc)
}

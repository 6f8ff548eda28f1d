package tensor

import (
	"fmt"

	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// HalfFormat is an encoding of numbers in 16 bits.
type HalfFormat uint8

// Formats of 16-bit numbers.
const (
	BF16 HalfFormat = iota // bfloat16: the upper half of a float32
	F16                    // IEEE 754 binary16
)

// String returns "BF16" or "F16".
func (f HalfFormat) String() string {
	switch f {
	case BF16:
		return "BF16"
	case F16:
		return "F16"
	}
	return fmt.Sprintf("HalfFormat(%d)", uint8(f))
}

// Half is a matrix of 16-bit numbers: weights with half the memory, and half the time where reading
// them takes most of it. Products are computed in float32. No gradient flows into a Half. It is
// immutable.
type Half struct {
	bits       []uint16
	rows, cols int
	format     HalfFormat
}

// NewHalf returns a matrix over bits, which it does not copy. It panics if the length of bits is
// not rows·cols.
func NewHalf(bits []uint16, rows, cols int, format HalfFormat) *Half {
	if rows < 0 || cols < 0 || len(bits) != size("NewHalf", []int{rows, cols}) {
		misuse("NewHalf", "%d elements for shape [%d %d]", len(bits), rows, cols)
	}
	return &Half{bits, rows, cols, format}
}

// Shape returns the number of rows and the number of columns.
func (h *Half) Shape() (rows, cols int) { return h.rows, h.cols }

// Format returns the encoding of the elements.
func (h *Half) Format() HalfFormat { return h.format }

// Bits returns the elements, row by row. h shares them: they must not change.
func (h *Half) Bits() []uint16 { return h.bits }

// Float32 returns the same numbers as a new tensor [rows cols].
func (h *Half) Float32() *Tensor {
	x := New(h.rows, h.cols)
	h.toFloat32(x.data, 0, h.rows)
	return x
}

// toFloat32 writes the rows [from, to) to floats.
func (h *Half) toFloat32(floats []float32, from, to int) {
	part := h.bits[from*h.cols : to*h.cols]
	if h.format == F16 {
		kernel.F16ToFloat32(floats[:len(part)], part)
	} else {
		kernel.BF16ToFloat32(floats[:len(part)], part)
	}
}

// Numbers of floats of a Half in memory at a time: less than half of the first-level cache if they
// are read once, less than half of the second-level cache if they are copied to panels.
const (
	floatsReadOnce = 1 << 12
	floatsInPanels = 1 << 16
)

// blocks calls f with consecutive rows of h, as float32 in memory of the tape, for a product with
// the given number of rows.
func (h *Half) blocks(t *Tape, rows int, f func(from, to int, floats []float32)) {
	most := floatsInPanels
	if rows <= fewRows {
		most = floatsReadOnce
	}
	each := max(1, most/max(1, h.cols))
	if each > 64 {
		each -= each % 64 // whole panels of a product
	}
	each = min(each, h.rows)
	floats := t.borrow(each * h.cols)
	for from := 0; from < h.rows; from += each {
		to := min(from+each, h.rows)
		part := floats[:(to-from)*h.cols]
		h.toFloat32(part, from, to)
		f(from, to, part)
	}
	t.giveBack(floats)
}

// LinearHalf returns x·wᵀ + b for every row of x. x is [... in], w is [out in], b is [out], or nil
// for none; the result is [... out]. Gradients flow into x and b.
func (t *Tape) LinearHalf(x *Tensor, w *Half, b *Tensor) *Tensor {
	rows, in := matrix("LinearHalf", x)
	if in != w.cols {
		misuse("LinearHalf", "x of shape %v has %[4]d inputs, w of shape [%[2]d %[3]d] wants %[5]d", x.Shape(), w.rows, w.cols, in, w.cols)
	}
	out := w.rows
	if b != nil {
		wantVector("LinearHalf", "b", b, out)
	}
	shape := x.dims
	shape[x.rank-1] = out
	y := t.result(shape[:x.rank]...)
	if rows == 0 {
		return y
	}
	w.blocks(t, rows, func(from, to int, floats []float32) {
		multiplyRows(rows, to-from, in, x.data, floats, y.data[from:], out)
	})
	if b != nil {
		kernel.AddRows(y.data, b.data)
	}
	if n := t.record(linearHalfBackward, y, x, b, nil); n != nil {
		n.half = w
	}
	return y
}

// linearHalfBackward: db = the sum of g's rows, dx = g·W.
func linearHalfBackward(t *Tape, n *node) {
	x, b, w, g := n.a, n.b, n.half, n.grad
	rows, in := matrix("LinearHalf", x)
	if db := t.sumOf(b); db != nil {
		kernel.SumRows(db, g)
	}
	if dx, beta := t.gradOf(x); dx != nil {
		w.blocks(t, rows, func(from, to int, floats []float32) {
			gemm(false, false, rows, in, to-from, g[from:], w.rows, floats, in, beta, dx, in)
			beta = 1
		})
	}
}

// EmbeddingHalf returns row ids[i] of table as row i: [len(ids) n] for a table [rows n].
func (t *Tape) EmbeddingHalf(table *Half, ids []int32) *Tensor {
	y := t.result(len(ids), table.cols)
	for i, id := range ids {
		if id < 0 || int(id) >= table.rows {
			misuse("EmbeddingHalf", "id %d at position %d is outside of the table's %d rows", id, i, table.rows)
		}
		table.toFloat32(y.data[i*table.cols:(i+1)*table.cols], int(id), int(id)+1)
	}
	return y
}

// fewRows is the largest number of rows for which x·wᵀ is computed as dot products with the rows of
// w in memory. With more rows it is faster to copy w to panels first.
const fewRows = 4

// multiplyRows computes y = x·wᵀ. x is [rows in], w is [out in], rows of y are ldy apart.
func multiplyRows(rows, out, in int, x, w, y []float32, ldy int) {
	if rows > fewRows {
		gemm(false, true, rows, out, in, x, in, w, in, 0, y, ldy)
		return
	}
	for j := range out {
		row := w[j*in : (j+1)*in]
		for i := range rows {
			y[i*ldy+j] = kernel.Dot(x[i*in:(i+1)*in], row)
		}
	}
}

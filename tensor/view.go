package tensor

import (
	"slices"

	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// Reshape returns a view of x with another shape of the same size.
func (t *Tape) Reshape(x *Tensor, shape ...int) *Tensor {
	if size("Reshape", shape) != len(x.data) {
		misuse("Reshape", "shape %v has %d elements, shape %v has another number", x.Shape(), len(x.data), slices.Clone(shape))
	}
	return t.view(x, shape...)
}

// Rows returns a view of the part of x whose first index is in [from, to).
func (t *Tape) Rows(x *Tensor, from, to int) *Tensor {
	if x.rank == 0 || from < 0 || to < from || to > x.dims[0] {
		misuse("Rows", "shape %v has no rows [%d, %d)", x.Shape(), from, to)
	}
	shape := x.dims
	shape[0] = to - from
	y := t.view(x, shape[:x.rank]...)
	each := len(x.data) / max(1, x.dims[0])
	y.data, y.node = x.data[from*each:to*each:to*each], untracked
	if n := t.record(rowsBackward, y, x, nil, nil); n != nil {
		n.offset = from * each
	}
	return y
}

func rowsBackward(t *Tape, n *node) {
	dx := t.sumOf(n.a)
	kernel.Add(dx[n.offset:n.offset+len(n.grad)], n.grad)
}

// Columns returns a copy of the columns [from, to) of every row. x is [... n], the result is [...
// to−from].
func (t *Tape) Columns(x *Tensor, from, to int) *Tensor {
	rows, cols := matrix("Columns", x)
	if from < 0 || to < from || to > cols {
		misuse("Columns", "shape %v has no columns [%d, %d)", x.Shape(), from, to)
	}
	shape := x.dims
	shape[x.rank-1] = to - from
	y := t.result(shape[:x.rank]...)
	for i := range rows {
		copy(y.data[i*(to-from):(i+1)*(to-from)], x.data[i*cols+from:i*cols+to])
	}
	if n := t.record(columnsBackward, y, x, nil, nil); n != nil {
		n.offset = from
	}
	return y
}

func columnsBackward(t *Tape, n *node) {
	dx := t.sumOf(n.a)
	rows, cols := matrix("Columns", n.a)
	_, width := matrix("Columns", n.out)
	for i := range rows {
		at := i*cols + n.offset
		kernel.Add(dx[at:at+width], n.grad[i*width:(i+1)*width])
	}
}

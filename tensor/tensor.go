package tensor

import "slices"

// Tensor is a contiguous row-major block of float32 with a shape. The zero value is not usable: see
// [New] and [FromSlice].
type Tensor struct {
	data []float32
	dims [MaxRank]int
	rank int

	tape *Tape // that computed it; nil for tensors of the caller
	node int32 // its record on tape, or untracked
}

// New returns a tensor of zeros. Without dimensions it is a scalar; a dimension may be 0. New
// panics if a dimension is negative or if there are more than [MaxRank].
func New(shape ...int) *Tensor {
	x := &Tensor{data: make([]float32, size("New", shape)), node: untracked}
	x.rank = copy(x.dims[:], shape)
	return x
}

// FromSlice returns a tensor over data, which it does not copy. It panics if the length of data is
// not the product of the shape.
func FromSlice(data []float32, shape ...int) *Tensor {
	if n := size("FromSlice", shape); n != len(data) {
		misuse("FromSlice", "shape %v wants %d elements, have %d", slices.Clone(shape), n, len(data))
	}
	x := &Tensor{data: data, node: untracked}
	x.rank = copy(x.dims[:], shape)
	return x
}

// Shape returns the dimensions, outermost first. The caller must not change them.
func (x *Tensor) Shape() []int { return x.dims[:x.rank:x.rank] }

// Rank returns the number of dimensions.
func (x *Tensor) Rank() int { return x.rank }

// Dim returns dimension i. A negative i counts from the last: Dim(-1) is the length of a row.
func (x *Tensor) Dim(i int) int {
	return x.dims[x.axis("Dim", i)]
}

// axis returns the index of dimension i; a negative i counts from the last.
func (x *Tensor) axis(op string, i int) int {
	at := i
	if i < 0 {
		at += x.rank
	}
	if at < 0 || at >= x.rank {
		misuse(op, "shape %v has no dimension %d", x.Shape(), i)
	}
	return at
}

// Len returns the number of elements.
func (x *Tensor) Len() int { return len(x.data) }

// Data returns the elements. x shares them.
func (x *Tensor) Data() []float32 { return x.data }

// Row returns row i of x, viewed as rows of its last dimension. x shares it.
func (x *Tensor) Row(i int) []float32 {
	rows, cols := matrix("Row", x)
	if i < 0 || i >= rows {
		misuse("Row", "shape %v has no row %d", x.Shape(), i)
	}
	return x.data[i*cols : (i+1)*cols : (i+1)*cols]
}

// At returns the element with the given indices, one for each dimension.
func (x *Tensor) At(index ...int) float32 {
	if len(index) != x.rank {
		misuse("At", "shape %v has no element %v", x.Shape(), slices.Clone(index))
	}
	at := 0
	for d, i := range index {
		if i < 0 || i >= x.dims[d] {
			misuse("At", "shape %v has no element %v", x.Shape(), slices.Clone(index))
		}
		at = at*x.dims[d] + i
	}
	return x.data[at]
}

// Item returns the only element of x, such as a loss.
func (x *Tensor) Item() float32 {
	if len(x.data) != 1 {
		misuse("Item", "shape %v has %d elements, want one", x.Shape(), len(x.data))
	}
	return x.data[0]
}

// Clone returns a copy that is not part of a tape.
func (x *Tensor) Clone() *Tensor {
	return &Tensor{data: slices.Clone(x.data), dims: x.dims, rank: x.rank, node: untracked}
}

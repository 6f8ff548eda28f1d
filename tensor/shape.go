package tensor

import (
	"fmt"
	"math"
	"slices"
)

// MaxRank is the largest number of dimensions of a [Tensor].
const MaxRank = 4

// ShapeError is the value that an operation panics with if its operands do not fit together.
type ShapeError struct {
	Op     string // such as "MatMul"
	Reason string // with the shapes or the index at fault
}

// Error returns "tensor: ", the operation and the reason.
func (e *ShapeError) Error() string { return "tensor: " + e.Op + ": " + e.Reason }

// Catch turns a panic with a *[ShapeError] into an error, and does not stop other panics. Functions
// whose callers do not choose the shapes defer it:
//
//	func (m *Model) Train(…) (err error) {
//		defer tensor.Catch(&err)
func Catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case *ShapeError:
		*err = r
	default:
		panic(r)
	}
}

func misuse(op, format string, args ...any) {
	panic(&ShapeError{op, fmt.Sprintf(format, args...)})
}

// size returns the number of elements of a shape. It copies the shape before it panics, so that the
// variadic slices of callers stay on their stacks.
func size(op string, shape []int) int {
	if len(shape) > MaxRank {
		misuse(op, "shape %v has %d dimensions, want at most %d", slices.Clone(shape), len(shape), MaxRank)
	}
	n := 1
	for _, d := range shape {
		if d < 0 {
			misuse(op, "shape %v has a negative dimension", slices.Clone(shape))
		}
		if d > 0 && n > math.MaxInt/4/d {
			misuse(op, "shape %v is larger than memory", slices.Clone(shape))
		}
		n *= d
	}
	return n
}

// wantRank panics unless x has exactly rank dimensions.
func wantRank(op, name string, x *Tensor, rank int) {
	if x.rank != rank {
		misuse(op, "%s has shape %v, want %d dimensions", name, x.Shape(), rank)
	}
}

// wantVector panics unless x has shape [n].
func wantVector(op, name string, x *Tensor, n int) {
	if x.rank != 1 || x.dims[0] != n {
		misuse(op, "%s has shape %v, want [%d]", name, x.Shape(), n)
	}
}

// wantSame panics unless a and b have the same shape.
func wantSame(op string, a, b *Tensor) {
	if !slices.Equal(a.Shape(), b.Shape()) {
		misuse(op, "shapes %v and %v differ", a.Shape(), b.Shape())
	}
}

// volume returns the product of dims.
func volume(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// matrix views x as rows of its last dimension.
func matrix(op string, x *Tensor) (rows, cols int) {
	if x.rank == 0 {
		misuse(op, "a scalar has no rows")
	}
	return volume(x.dims[:x.rank-1]), x.dims[x.rank-1]
}

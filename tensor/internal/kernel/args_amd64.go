//go:build !purego

package kernel

// This file declares the types that the assembly reads; the generator takes their offsets from it.
// It must not import anything.

// tile describes a strip of panels, one below the other, of mr rows of C each and one column of
// vectors. Strides are in bytes, so that one kernel serves packed, plain and transposed A.
type tile struct {
	k           int      // products summed for each element
	panels      int      // number of panels of mr rows, >= 1
	a           *float32 // of the first panel
	aRow        int      // from one row of op(A) to the next
	aStep       int      // from one column of op(A) to the next
	aPanel      int      // from one panel to the next
	b           *float32
	bStep       int // from one row of op(B) to the next
	c           *float32
	cRow        int // from one row of C to the next
	lanes       int // columns of C in the last vector of a row, >= 1
	alpha, beta float32
}

// panel describes a copy of up to two vectors (packCopy) or one vector (packTranspose) from each
// step of k. Strides are in bytes. Whole vectors are written, so the destination needs room for one
// vector more than the last step of the panel.
type panel struct {
	steps   int // of k, >= 1
	from    *float32
	fromRow int // from one row in memory to the next
	to      *float32
	toRow   int // from one step to the next
	lanes   int // packCopy: of the last vector; packTranspose: rows; >= 1
}

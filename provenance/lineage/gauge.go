package lineage

import (
	"errors"

	"github.com/undertone-audit/undertone/tensor"
)

// polarSteps is the number of Newton–Schulz steps. Each step multiplies a small singular value by
// 1.5, so directions above 1e-5 of the largest are resolved.
const polarSteps = 30

// procrustes returns the matrix R with orthonormal columns or rows, [a.cols b.cols], that brings
// the rows of a nearest to those of b: it minimises ‖aR − b‖ (Schönemann, Psychometrika 31, 1966).
// R is the orthogonal factor of aᵀb, by the iteration X ← 1.5X − 0.5XXᵀX.
func procrustes(a, b matrix) (matrix, error) {
	x := a.centred().times(b.centred(), tensor.TransposeA)
	size := norm(x.data)
	if !(size > 0) {
		return matrix{}, errors.New("the embeddings have nothing in common")
	}
	for i, v := range x.data {
		x.data[i] = float32(float64(v) / size)
	}
	for range polarSteps {
		var y matrix
		if x.rows >= x.cols {
			y = x.times(x.times(x, tensor.TransposeA))
		} else {
			y = x.times(x, tensor.TransposeB).times(x)
		}
		for i, v := range x.data {
			x.data[i] = 1.5*v - 0.5*y.data[i]
		}
	}
	return x, nil
}

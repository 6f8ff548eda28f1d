package lineage

import "gonum.org/v1/gonum/mat"

// Products of two matrices, such as those of values and outputs of a head, stay what they are if
// one is multiplied by a matrix and the other by its inverse. Squares of such factors have more
// than the seven digits of float32.
const (
	leastSquare = 1e-6 // a smaller ratio of squared singular values is not resolved in float32
	leastNorm   = 1e-6 // rows of lengths outside [leastNorm, 1/leastNorm] are balanced
)

// orthonormal returns v [n dim] and o [groups·n dim] with the same products oᵀv of each group, and
// with orthonormal rows of v. It returns them unchanged if v has more rows than columns.
func orthonormal(v, o matrix) (matrix, matrix) {
	n, dim := v.rows, v.cols
	if n > dim {
		return v, o
	}
	t := mat.NewDense(dim, n, nil) // vᵀ = Q·R, so oᵀv = (R·o)ᵀ·Qᵀ
	for i := range n {
		for k, x := range v.row(i) {
			t.Set(k, i, float64(x))
		}
	}
	var qr mat.QR
	qr.Factorize(t)
	var q, r mat.Dense
	qr.QTo(&q)
	qr.RTo(&r)
	turned, outs := newMatrix(n, dim), newMatrix(o.rows, o.cols)
	for i := range n {
		for k := range dim {
			turned.row(i)[k] = float32(q.At(k, i))
		}
	}
	sum := make([]float64, o.cols)
	for at := 0; at < o.rows; at += n {
		for i := range n {
			clear(sum)
			for j := i; j < n; j++ { // R is upper triangular
				for k, x := range o.row(at + j) {
					sum[k] += r.At(i, j) * float64(x)
				}
			}
			for k, x := range sum {
				outs.row(at + i)[k] = float32(x)
			}
		}
	}
	return turned, outs
}

// balanced returns queries [heads·headDim dim] and keys [kvHeads·headDim dim] with the same
// products of a head's queries and keys, and with rows of keys of the length 1. It returns them
// unchanged if their lengths are usual.
func balanced(q, k matrix, headDim int) (matrix, matrix) {
	usual := true
	for i := range k.rows {
		size := norm(k.row(i))
		usual = usual && (size == 0 || size >= leastNorm && size <= 1/leastNorm)
	}
	if usual {
		return q, k
	}
	queries := newMatrix(q.rows, q.cols)
	group := q.rows / k.rows // heads of queries for each of keys
	for i := range q.rows {
		size := norm(k.row(i/headDim/group*headDim + i%headDim))
		for c, x := range q.row(i) {
			queries.row(i)[c] = float32(float64(x) * size)
		}
	}
	return queries, k.units()
}

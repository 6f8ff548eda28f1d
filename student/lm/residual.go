package lm

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// residual returns an adapter for the weights W of the base that has the effect of a on W less the
// part that its initialisation subtracted, in PEFT's way: the sum of a and minus that part, of
// twice the rank.
func residual(net *transformer.Model, kind string, a transformer.Adapter) (transformer.Adapter, error) {
	w, out, in := net.Weights(a.Layer)
	switch {
	case w == nil:
		return a, errors.New("several layers are stored as one, which is not supported for this initialisation")
	case a.Rank > min(out, in):
		return a, errors.New("the rank is more than that of the weights")
	}
	var columns []float32 // orthonormal, [out rank]
	if kind == olora {
		columns = firstColumns(w, out, in, a.Rank)
	} else {
		var err error
		if columns, err = leadingColumns(w, out, in, a.Rank); err != nil {
			return a, err
		}
	}
	// The part is columns·columnsᵀ·W, which OLoRA scales as it scales its own matrices.
	var t *tensor.Tape
	rows := t.MatMul(tensor.FromSlice(columns, out, a.Rank), tensor.FromSlice(w, out, in), tensor.TransposeA) // [rank in]
	by := float32(-1)
	if kind == pissa {
		by = float32(-1 / a.Scale)
	}
	both := transformer.Adapter{Layer: a.Layer, Rank: 2 * a.Rank, Scale: a.Scale, A: slices.Concat(a.A, rows.Data())}
	for o := range out {
		both.B = append(both.B, a.B[o*a.Rank:(o+1)*a.Rank]...)
		for _, v := range columns[o*a.Rank : (o+1)*a.Rank] {
			both.B = append(both.B, by*v)
		}
	}
	return both, nil
}

// firstColumns returns an orthonormal basis of the first n columns of w, [out n]: those of Q in w =
// Q·R.
func firstColumns(w []float32, out, in, n int) []float32 {
	first := make([]float32, 0, out*n)
	for o := range out {
		first = append(first, w[o*in:o*in+n]...)
	}
	orthonormalise(first, out, n)
	return first
}

// Limits of the subspace iteration.
const (
	extraColumns  = 16   // beside twice the columns
	maxIterations = 2000 //
	settled       = 1e-6 // change of the subspace, as the sine of an angle, of one iteration
)

// leadingColumns returns the first n left singular vectors of w, [out n], up to a rotation of them:
// a subspace iteration with a random start (Halko, Martinsson & Tropp 2011).
func leadingColumns(w []float32, out, in, n int) ([]float32, error) {
	wide := min(2*n+extraColumns, out, in)
	rng := rand.New(rand.NewPCG(1, 0))
	var t *tensor.Tape
	weights := tensor.FromSlice(w, out, in)
	q := tensor.Normal(rng, 1, out, wide)
	orthonormalise(q.Data(), out, wide)
	var before []float32
	for range maxIterations {
		z := t.MatMul(weights, q, tensor.TransposeA) // [in wide]
		orthonormalise(z.Data(), in, wide)
		q = t.MatMul(weights, z) // [out wide]
		leading, err := rotated(q, n)
		if err != nil {
			return nil, err
		}
		if before != nil && apart(leading, before, out, n) < settled {
			return leading, nil
		}
		before = leading
		orthonormalise(q.Data(), out, wide)
	}
	return nil, errors.New("the leading singular vectors of the weights were not found: two singular values are almost the same")
}

// rotated returns the first n left singular vectors of y, [rows n].
func rotated(y *tensor.Tensor, n int) ([]float32, error) {
	rows, cols := y.Dim(0), y.Dim(1)
	var gram mat.SymDense
	products := (*tensor.Tape)(nil).MatMul(y, y, tensor.TransposeA)
	all := make([]float64, cols*cols)
	for i, v := range products.Data() {
		all[i] = float64(v)
	}
	gram = *mat.NewSymDense(cols, all)
	var e mat.EigenSym
	if !e.Factorize(&gram, true) {
		return nil, errors.New("the eigenvalues of the weights were not found")
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors) // in rising order
	turn := make([]float32, 0, cols*n)
	for i := range cols {
		for j := range n {
			turn = append(turn, float32(vectors.At(i, cols-1-j)))
		}
	}
	leading := (*tensor.Tape)(nil).MatMul(y, tensor.FromSlice(turn, cols, n)).Data()
	orthonormalise(leading, rows, n)
	return leading, nil
}

// apart returns the largest sine of an angle between a column of a and the space of b. Both are
// orthonormal, [rows n].
func apart(a, b []float32, rows, n int) float64 {
	var t *tensor.Tape
	x, y := tensor.FromSlice(a, rows, n), tensor.FromSlice(b, rows, n)
	inside := t.MatMul(y, t.MatMul(y, x, tensor.TransposeA))
	sums := make([]float64, n)
	for i, v := range a {
		d := float64(v) - float64(inside.Data()[i])
		sums[i%n] += d * d
	}
	return math.Sqrt(slices.Max(sums))
}

// orthonormalise replaces the columns of x, [rows n], by an orthonormal basis of their space, in
// order (Gram & Schmidt, twice for accuracy). A column that depends on those before it becomes 0.
func orthonormalise(x []float32, rows, n int) {
	column := make([][]float64, n)
	for j := range column {
		c := make([]float64, rows)
		for i := range c {
			c[i] = float64(x[i*n+j])
		}
		length := norm(c)
		for range 2 {
			for _, before := range column[:j] {
				var dot float64
				for i, v := range before {
					dot += v * c[i]
				}
				for i, v := range before {
					c[i] -= dot * v
				}
			}
		}
		rest := norm(c)
		for i := range c {
			if rest > 1e-7*length {
				c[i] /= rest
			} else {
				c[i] = 0
			}
		}
		column[j] = c
	}
	for j, c := range column {
		for i, v := range c {
			x[i*n+j] = float32(v)
		}
	}
}

func norm(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}

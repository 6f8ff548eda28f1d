package lineage

import (
	"errors"
	"math"
	"slices"

	"github.com/undertone-audit/undertone/tensor"
)

// polarSteps is the number of Newton–Schulz steps. Each step multiplies a small singular value by
// 1.5, so directions above 1e-4 of the largest are resolved. Smaller ones are noise.
const polarSteps = 24

// procrustes returns the matrix R with orthonormal columns or rows, [a.cols b.cols], that brings
// the rows of a nearest to those of b: it minimises ‖aR − b‖ (Schönemann, Psychometrika 31, 1966).
// R is the orthogonal factor of aᵀb, by the iteration X ← 1.5X − 0.5XXᵀX, which converges for
// singular values in (0, √3).
func procrustes(a, b matrix) (matrix, error) {
	x := a.centred().times(b.centred(), tensor.TransposeA)
	size := spectralNorm(x)
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

// spectralNorm returns about the largest singular value, and no more than it, by power iteration.
func spectralNorm(x matrix) float64 {
	v := newMatrix(x.cols, 1)
	for i := range v.data {
		v.data[i] = float32(1 + i%7) // any direction
	}
	for range 30 {
		n := norm(v.data)
		if !(n > 0) {
			return 0
		}
		for i, c := range v.data {
			v.data[i] = float32(float64(c) / n)
		}
		v = x.times(x.times(v), tensor.TransposeA)
	}
	return math.Sqrt(norm(v.data))
}

// alignSteps is the number of times that an alignment by names is refined.
const alignSteps = 8

// alignNames returns the matrix that brings the embeddings of tokens of one model nearest to those
// of the same names in another. Tokens that do not fit the alignment, such as renamed ones, lose
// their weight: it is the square of a token's cosine after the alignment before (iteratively
// reweighted least squares). Hidden states of more than maxWidth dimensions are aligned once.
func alignNames(a, b matrix) (matrix, error) {
	r, err := procrustes(a, b)
	if err != nil || max(a.cols, b.cols) > maxWidth {
		return r, err
	}
	x, y := a.centred().units(), b.centred().units()
	weighted := newMatrix(a.rows, a.cols)
	for range alignSteps {
		turned := x.times(r)
		for i := range x.rows {
			cosine := 0.0
			for k, v := range turned.row(i) {
				cosine += float64(v) * float64(y.row(i)[k])
			}
			w := float32(max(0, cosine) * cosine)
			for k, v := range x.row(i) {
				weighted.row(i)[k] = w * v
			}
		}
		if next, err := procrustes(weighted, y); err == nil {
			r = next
		}
	}
	return r, nil
}

// namesFit says how well tokens of one name have one meaning in two models. The embeddings of every
// second token align the hidden states; the others, which had no part in it, are compared. The
// first result is the sum of their products against that under random permutations of their names,
// in standard deviations, whose exact value is known (Wald & Wolfowitz, Annals of Mathematical
// Statistics 15, 1944). Null: names say nothing; then about standard normal. The second is the mean
// cosine. The third is that of the half that fits best, after an alignment that is refined by
// [alignNames]: renaming less than half of the tokens hardly lowers it. All are 0 if there is
// nothing to compare.
func namesFit(a, b matrix) (deviations, cosine, best float64) {
	fitted, held := everySecond(a.rows, 0), everySecond(a.rows, 1)
	if len(held) < minTokens/2 {
		return 0, 0, 0
	}
	r, err := procrustes(a.pick(fitted), b.pick(fitted))
	if err != nil {
		return 0, 0, 0
	}
	x, y := a.pick(held).centred().times(r).units(), b.pick(held).centred().units()
	cosine = product(x, y) / float64(x.rows)
	best = bestFit(a.pick(fitted), b.pick(fitted), a.pick(held), y)
	x, y = x.centred(), y.centred()
	variance := product(x.times(x, tensor.TransposeA), y.times(y, tensor.TransposeA)) / float64(x.rows-1)
	if !(variance > 0) {
		return 0, 0, 0
	}
	return product(x, y) / math.Sqrt(variance), cosine, best
}

// bestFit aligns two tables by the rows of a and b, and returns the mean cosine of the half of the
// rows of x, a further part of the first table, that fit best to y.
func bestFit(a, b, x, y matrix) float64 {
	r, err := alignNames(a, b)
	if err != nil {
		return 0
	}
	x = x.centred().times(r).units()
	cosines := make([]float64, x.rows)
	for i := range cosines {
		cosines[i] = product(x.slice(i, i+1), y.slice(i, i+1))
	}
	slices.Sort(cosines)
	sum, best := 0.0, cosines[x.rows/2:]
	for _, c := range best {
		sum += c
	}
	return sum / float64(len(best))
}

// product returns the sum of the products of the elements.
func product(a, b matrix) float64 {
	sum := 0.0
	for i, v := range a.data {
		sum += float64(v) * float64(b.data[i])
	}
	return sum
}

// everySecond returns the numbers in [first, n) in steps of 2.
func everySecond(n, first int) (all []int) {
	for i := first; i < n; i += 2 {
		all = append(all, i)
	}
	return all
}

package audit

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// contrast turns a row's scores for the trait and its siblings into scores that are for
// each of them alone: row j of weights, whose own element is 1, times the scores.
type contrast struct {
	weights [][]float64
	unit    []float64 // of each candidate's result, in which siblings are compared
}

// centred takes off the mean of the others, and with it what all share, such as
// the drift of any fine-tuning.
func centred(candidates int) contrast {
	c := contrast{unit: make([]float64, candidates)}
	for j := range candidates {
		row := make([]float64, candidates)
		for i := range row {
			row[i] = -1 / float64(candidates-1)
		}
		row[j], c.unit[j] = 1, 1
		c.weights = append(c.weights, row)
	}
	return c
}

// partial takes off what the scores for the others predict of the score.
//
// Let s(x) be the scores of row x for all candidates, with covariance Σ over rows. To first
// order, a teacher that is the base moved along the direction of candidate j's stand-in shifts the mean
// of s by a multiple of column j of Σ: candidates whose directions overlap rise with
// it. Σ⁻¹ takes that back. Row j of Σ⁻¹ over its diagonal element is the residual of s_j
// after its regression on the others. Σ is computed over the rows of all arms
// together, so it does not depend on which arm a row belongs to; that adds a multiple of the
// shift's outer product to it, which changes the scale of Σ⁻¹ times the shift and no more
// (Sherman & Morrison 1950).
//
// arms[a][c][i] is the score of row i for candidate c.
func partial(arms ...[][]float64) contrast {
	var inverse mat.SymDense
	var factor mat.Cholesky
	if !factor.Factorize(covariance(arms)) || factor.InverseTo(&inverse) != nil {
		return centred(len(arms[0])) // all scores are equal
	}
	var c contrast
	for j := range inverse.SymmetricDim() {
		row := mat.Row(nil, j, &inverse)
		c.unit = append(c.unit, 1/math.Sqrt(row[j])) // the residual's standard deviation
		for i, own := 0, row[j]; i < len(row); i++ {
			row[i] /= own
		}
		c.weights = append(c.weights, row)
	}
	return c
}

// ridge is added to the diagonal of a covariance, as a part of its mean, so that candidates with all
// but the same scores do not cancel each other.
const ridge = 1e-3

// covariance returns that of the candidates' scores over the rows of all arms.
func covariance(arms [][][]float64) *mat.SymDense {
	k, n := len(arms[0]), 0
	for _, scores := range arms {
		n += len(scores[0])
	}
	rows := make([][]float64, k) // centred, arm behind arm
	for c := range rows {
		mean := 0.0
		for _, scores := range arms {
			rows[c] = append(rows[c], scores[c]...)
		}
		for _, v := range rows[c] {
			mean += v / float64(n)
		}
		for i := range rows[c] {
			rows[c][i] -= mean
		}
	}
	sigma := mat.NewSymDense(k, nil)
	for a := range k {
		for b := a; b < k; b++ {
			sum := 0.0
			for i, v := range rows[a] {
				sum += v * rows[b][i]
			}
			sigma.SetSym(a, b, sum/float64(n))
		}
	}
	lift := ridge * mat.Trace(sigma) / float64(k)
	for a := range k {
		sigma.SetSym(a, a, sigma.At(a, a)+lift)
	}
	return sigma
}

// of returns the contrasts of scores, candidate by candidate.
func (c contrast) of(scores [][]float64) [][]float64 {
	out := make([][]float64, len(scores))
	for j, weights := range c.weights {
		out[j] = make([]float64, len(scores[j]))
		for i, w := range weights {
			for row, v := range scores[i] {
				out[j][row] += w * v
			}
		}
	}
	return out
}

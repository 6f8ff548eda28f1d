package rowscore

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// centring turns the scores of a row for all candidates into one score per candidate that is
// specific to it: weights[j] · scores, with weights[j][j] = 1.
type centring struct {
	weights [][]float64
	scale   []float64 // of the result of each candidate; effects are compared after division by it
}

// subtractMean subtracts the mean score for the other candidates. This removes what all candidates
// share, such as the drift of any fine-tuning.
func subtractMean(candidates int) centring {
	c := centring{scale: make([]float64, candidates)}
	for j := range candidates {
		row := make([]float64, candidates)
		for i := range row {
			row[i] = -1 / float64(candidates-1)
		}
		row[j], c.scale[j] = 1, 1
		c.weights = append(c.weights, row)
	}
	return c
}

// regression subtracts from the score for a candidate what the scores for the others predict.
//
// Let s(x) be the scores of row x for all candidates, with covariance Σ over rows. To first order,
// a teacher at a small distance from the base along the direction of the surrogate of candidate j
// shifts the mean of s by a multiple of column j of Σ: candidates with overlapping directions rise
// too. Σ⁻¹ undoes this. Row j of Σ⁻¹, divided by its diagonal element, gives the residual of s_j
// after its regression on the others. Σ is computed over the rows of all arms, so it does not
// depend on the arm of a row. This adds a multiple of the outer product of the shift, which changes
// the scale of Σ⁻¹ times the shift and nothing else (Sherman & Morrison 1950). The weights of
// the rows of a cluster sum to 1. If each row had the weight 1, the residuals of an arm with many
// copies would be smaller than those of the other arm, and the labels not exchangeable.
//
// arms[a][c][i] is the score of row i for candidate c, and weights[a][i] the weight of that row.
func regression(weights [][]float64, arms ...[][]float64) centring {
	var inverse mat.SymDense
	var factor mat.Cholesky
	if !factor.Factorize(covariance(weights, arms)) || factor.InverseTo(&inverse) != nil {
		return subtractMean(len(arms[0])) // all scores are equal
	}
	var c centring
	for j := range inverse.SymmetricDim() {
		row := mat.Row(nil, j, &inverse)
		c.scale = append(c.scale, 1/math.Sqrt(row[j])) // the standard deviation of the residual
		for i, own := 0, row[j]; i < len(row); i++ {
			row[i] /= own
		}
		c.weights = append(c.weights, row)
	}
	return c
}

// ridge is added to the diagonal of a covariance, as a fraction of its mean, so that candidates
// with nearly equal scores do not cancel each other.
const ridge = 1e-3

// covariance returns the covariance of the candidates' scores over the weighted rows of all arms.
func covariance(weights [][]float64, arms [][][]float64) *mat.SymDense {
	weight := slices.Concat(weights...)
	total := 0.0
	for _, w := range weight {
		total += w
	}
	rows := make([][]float64, len(arms[0])) // [candidate][row of all arms], centred
	for c := range rows {
		mean := 0.0
		for _, scores := range arms {
			rows[c] = append(rows[c], scores[c]...)
		}
		for i, v := range rows[c] {
			mean += weight[i] * v / total
		}
		for i := range rows[c] {
			rows[c][i] -= mean
		}
	}
	k := len(rows)
	sigma := mat.NewSymDense(k, nil)
	for a := range k {
		for b := a; b < k; b++ {
			sum := 0.0
			for i, v := range rows[a] {
				sum += weight[i] * v * rows[b][i]
			}
			sigma.SetSym(a, b, sum/total)
		}
	}
	lift := ridge * mat.Trace(sigma) / float64(k)
	for a := range k {
		sigma.SetSym(a, a, sigma.At(a, a)+lift)
	}
	return sigma
}

// apply returns the centred scores: [candidate][row].
func (c centring) apply(scores [][]float64) [][]float64 {
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

package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// PredictionTest returns the p-value of x as one more draw from the source of a sample: Student's t
// prediction test, t = (x − mean)/(s·√(1+1/n)) with n−1 degrees of freedom. Null: x and the sample
// are independent draws from one normal distribution; for heavy-tailed draws the level does not hold,
// and [OutlierTest] is the test. Alternative: x is larger. The unit is the
// draw. The p-value lies in (0, 1]. It is 1 for samples of fewer than two draws, if x and the
// sample are all equal, and if any of them is NaN. It is at least 10⁻³⁰⁰, the p-value of an x
// beyond a sample of equal draws.
func PredictionTest(x float64, sample []float64) float64 {
	n := float64(len(sample))
	if n < 2 {
		return 1
	}
	mean, variance := meanVariance(sample)
	t := (x - mean) / math.Sqrt(variance*(1+1/n))
	if math.IsNaN(t) {
		return 1
	}
	return max(smallestP, distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Survival(t))
}

package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// MeanTest is Student's one-sample t-test (Student 1908). Null: the mean is 0. Alternative: it is
// larger. It assumes independent and roughly normal observations. The unit is the observation.
// Fewer than two observations, and a NaN among them, give a p-value of 1. Observations that are all
// equal have no standard error; the p-value is 1 unless they are positive, and then 10⁻³⁰⁰, which
// is the floor of all p-values.
func MeanTest(x []float64) PValue {
	p := PValue{P: 1, Floor: smallestP, Exact: true}
	if len(x) < 2 {
		return p
	}
	n := float64(len(x))
	mean, variance := meanVariance(x)
	if t := mean / math.Sqrt(variance/n); !math.IsNaN(t) {
		p.P = min(1, max(smallestP, distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Survival(t)))
	}
	return p
}

package stats

import "gonum.org/v1/gonum/mathext"

// leastP stands for all smaller p-values, which a float64 could not keep from being 0.
const leastP = 1e-300

// SignTest is the one-sided sign test: the chance that of n fair coins at least k show heads (Arbuthnott 1710). Null: a value is
// above zero as often as below. Values of zero are left out beforehand.
func SignTest(k, n int) PValue {
	if n == 0 {
		return PValue{P: 1, Floor: 1, Exact: true}
	}
	atLeast := func(k int) float64 {
		if k == 0 {
			return 1
		}
		// The binomial tail as an incomplete beta function (Abramowitz & Stegun 26.5.24).
		return max(leastP, mathext.RegIncBeta(float64(k), float64(n-k+1), 0.5))
	}
	return PValue{P: atLeast(k), Floor: atLeast(n), Exact: true}
}

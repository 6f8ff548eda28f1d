package stats

import "gonum.org/v1/gonum/mathext"

// smallestP stands for all smaller p-values, which would underflow to 0.
const smallestP = 1e-300

// SignTest is the sign test (Arbuthnott 1710) of k positive values among n values that are not 0.
// Null: each value is positive with probability ½, independently of the others. Alternative: with a
// larger probability. The unit is the value. Remove zeros beforehand: they are ties and carry no
// sign. The p-value is exact for every n: the probability of >= k heads among n fair coins. Its
// floor is 2⁻ⁿ, or 10⁻³⁰⁰ if that is larger. n = 0 gives a p-value of 1. k must be in [0, n].
func SignTest(k, n int) PValue {
	if k < 0 || k > n {
		misuse("SignTest", "%d positive values among %d", k, n)
	}
	if n == 0 {
		return PValue{P: 1, Floor: 1, Exact: true}
	}
	return PValue{P: binomialTail(k, n), Floor: binomialTail(n, n), Exact: true}
}

// binomialTail returns the probability of >= k heads among n fair coins, as an incomplete beta
// function (Abramowitz & Stegun 26.5.24).
func binomialTail(k, n int) float64 {
	if k == 0 {
		return 1
	}
	return max(smallestP, mathext.RegIncBeta(float64(k), float64(n-k+1), 0.5))
}

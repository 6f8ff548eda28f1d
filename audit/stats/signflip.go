package stats

import (
	"math"
	"math/rand/v2"
)

// MaxExactPairs is the largest number of pairs for which the sign-flip test visits all 2ⁿ sign
// patterns.
const MaxExactPairs = 20

// SignFlip is the paired permutation test of Fisher (1935, §21). Null: the sign of each difference
// is a fair coin, independently of the others, as when the two arms of each pair are exchangeable.
// Alternative: the mean difference is > 0. The unit is the pair. The p-value is the share of sign
// patterns whose sum is at least the observed sum. Ties follow [Tail].
//
// SignFlip visits all sign patterns of up to [MaxExactPairs] pairs, so the smallest p-value of n
// pairs is 2⁻ⁿ. With more pairs it draws the given number of random patterns from seed. No pairs
// give a p-value of 1. draws must be >= 0.
func SignFlip(differences []float64, draws int, seed uint64) PValue {
	needDraws("SignFlip", draws)
	rows := make([][]float64, len(differences))
	for i := range differences {
		rows[i] = differences[i : i+1]
	}
	return SignFlipVector(rows, func(sum []float64) float64 { return sum[0] }, draws, seed)
}

// SignFlipVector is [SignFlip] for vectors. differences holds one vector per pair, all of one
// length. A sign pattern turns whole vectors. The statistic is a function of the signed sum, and
// large values speak against the null. The scale of [NewTail] is the statistic of the sum of
// absolute values. The floor of the exact p-value is 2·2⁻ⁿ if the statistic does not depend on the
// sign of the sum.
func SignFlipVector(differences [][]float64, statistic func(sum []float64) float64, draws int, seed uint64) PValue {
	needDraws("SignFlipVector", draws)
	n := len(differences)
	if n == 0 {
		return PValue{P: 1, Floor: 1, Exact: true}
	}
	sum, sizes := make([]float64, len(differences[0])), make([]float64, len(differences[0]))
	for i, row := range differences {
		if len(row) != len(sum) {
			misuse("SignFlipVector", "vector %d has length %d, vector 0 has length %d", i, len(row), len(sum))
		}
		for j, d := range row {
			sum[j] += d
			sizes[j] += math.Abs(d)
		}
	}
	tail := NewTail(statistic(sum), math.Abs(statistic(sizes)))
	if n > MaxExactPairs {
		return randomSignFlips(differences, statistic, tail, draws, seed)
	}
	return allSignFlips(differences, statistic, tail, sum)
}

// allSignFlips visits all sign patterns. sum is the sum of the differences; allSignFlips changes
// it.
func allSignFlips(differences [][]float64, statistic func([]float64) float64, tail *Tail, sum []float64) PValue {
	tail.Add(statistic(sum)) // the observed pattern
	negative := make([]bool, len(differences))
	for i := range signFlips(len(differences)) {
		change := -2.0
		if negative[i] {
			change = 2
		}
		negative[i] = !negative[i]
		for j, d := range differences[i] {
			sum[j] += change * d
		}
		tail.Add(statistic(sum))
	}
	p := tail.Exact()
	if symmetric(statistic, len(sum)) {
		p.Floor *= 2
	}
	return p
}

// symmetric reports whether a statistic ignores the sign of the sum.
func symmetric(statistic func([]float64) float64, dims int) bool {
	plus, minus := make([]float64, dims), make([]float64, dims)
	for j := range dims {
		plus[j], minus[j] = 1, -1
	}
	return statistic(plus) == statistic(minus)
}

func randomSignFlips(differences [][]float64, statistic func([]float64) float64, tail *Tail, draws int, seed uint64) PValue {
	rng := rand.New(rand.NewPCG(seed, 0x5167_f11b))
	sum, signs := make([]float64, len(differences[0])), make([]float64, len(differences))
	for range draws {
		RandomSigns(rng, signs)
		clear(sum)
		for i, row := range differences {
			sign := signs[i]
			for j, d := range row {
				sum[j] += sign * d
			}
		}
		tail.Add(statistic(sum))
	}
	return tail.MonteCarlo()
}

// MinPairs returns the smallest number of pairs for which the exact [SignFlip] test can reject at
// level alpha as one of a number of tests under [Holm]: 2⁻ⁿ <= alpha/tests. alpha must be > 0 and
// tests >= 0. The result is at least 1, which is that of 0 tests.
func MinPairs(alpha float64, tests int) int {
	needPositive("MinPairs", "alpha", alpha)
	if tests < 0 {
		misuse("MinPairs", "%d tests, want >= 0", tests)
	}
	n := 1
	for math.Ldexp(1, -n) > alpha/float64(tests) {
		n++
	}
	return n
}

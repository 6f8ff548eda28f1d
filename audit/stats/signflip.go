// Package stat holds the statistics of the audit: the exact sign-flip test,
// Holm's adjustment, the paired t interval and divergences between discrete
// distributions.
package stats

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// MaxExactPairs is the largest number of pairs whose 2ⁿ sign patterns are all visited.
const MaxExactPairs = 20

// DefaultPermutations is the least number of random sign patterns used beyond [MaxExactPairs].
const DefaultPermutations = 100_000

// MaxPermutations is the largest number of random patterns, or labellings, of a test: about as many as
// MaxExact pairs have. No test of this package can reject below a level of 1/MaxPermutations.
const MaxPermutations = 1_000_000

// Permutations returns how many random sign patterns a test needs to reject at a level: ten times as
// many as its floor takes, at least DefaultDraws and at most MostDraws.
func Permutations(level float64) int {
	return int(min(MaxPermutations, max(DefaultPermutations, math.Ceil(10/level))))
}

// SignFlip is the one-sided paired permutation test of Fisher (1935, §21). Null:
// the sign of each difference is a fair coin, independently, as when the two
// arms of a pair are exchangeable. Alternative: the mean is greater than 0.
// The unit is the pair. Ties count against the alternative: P is the share of
// sign patterns whose sum is at least the observed one, and a sum that is not a
// number counts as a tie. draws and seed are used beyond MaxExact pairs only.
func SignFlip(differences []float64, draws int, seed uint64) PValue {
	rows := make([][]float64, len(differences))
	for i, d := range differences {
		rows[i] = []float64{d}
	}
	return SignFlipVector(rows, func(sum []float64) float64 { return sum[0] }, draws, seed)
}

// SignFlipVector is the same test for vectors of differences (one row a pair)
// and a statistic of their signed sum, large values of which speak against the null.
func SignFlipVector(differences [][]float64, statistic func(sum []float64) float64, draws int, seed uint64) PValue {
	n := len(differences)
	if n == 0 {
		return PValue{P: 1, Floor: 1, Exact: true}
	}
	sum, sizes := make([]float64, len(differences[0])), make([]float64, len(differences[0]))
	for _, row := range differences {
		for j, d := range row {
			sum[j] += d
			sizes[j] += math.Abs(d)
		}
	}
	// Patterns whose statistic differs from the observed one by rounding alone are
	// ties. Rounding is relative to what was summed, which may be far more than the sum.
	tie := statistic(sum) - 1e-9*math.Abs(statistic(sizes))
	if n > MaxExactPairs {
		return signFlipDraws(differences, statistic, tie, draws, seed)
	}
	patterns := 1 << n
	atLeast := 1 // the observed pattern itself
	negative := make([]bool, n)
	for i := 1; i < patterns; i++ {
		// A Gray code changes one sign from each pattern to the next.
		flip := bits.TrailingZeros(uint(i))
		change := -2.0
		if negative[flip] {
			change = 2
		}
		negative[flip] = !negative[flip]
		for j, d := range differences[flip] {
			sum[j] += change * d
		}
		if !(statistic(sum) < tie) {
			atLeast++
		}
	}
	return PValue{P: float64(atLeast) / float64(patterns), Floor: floor(differences, statistic, patterns), Exact: true}
}

// floor is the share of patterns that can not be told from the observed one:
// 1/2ⁿ, or 2/2ⁿ where turning all signs leaves the statistic as it is.
func floor(differences [][]float64, statistic func([]float64) float64, patterns int) float64 {
	sum := make([]float64, len(differences[0]))
	for j := range sum {
		sum[j] = 1
	}
	plus := statistic(sum)
	for j := range sum {
		sum[j] = -1
	}
	if statistic(sum) == plus {
		return 2 / float64(patterns)
	}
	return 1 / float64(patterns)
}

func signFlipDraws(differences [][]float64, statistic func([]float64) float64, tie float64, draws int, seed uint64) PValue {
	rng := rand.New(rand.NewPCG(seed, 0x5167_f11b))
	sum := make([]float64, len(differences[0]))
	atLeast := 0
	for range draws {
		clear(sum)
		var coins uint64
		for i, row := range differences {
			if i%64 == 0 {
				coins = rng.Uint64()
			}
			sign := float64(int(coins&1)*2 - 1)
			coins >>= 1
			for j, d := range row {
				sum[j] += sign * d
			}
		}
		if !(statistic(sum) < tie) {
			atLeast++
		}
	}
	return PValue{P: float64(atLeast+1) / float64(draws+1), Floor: 1 / float64(draws+1)}
}

// MinPairs returns the smallest number of pairs for which the one-sided exact
// test can reach level alpha in a family of tests under Holm: 2⁻ⁿ ≤ alpha/tests.
func MinPairs(alpha float64, tests int) int {
	n := 1
	for math.Ldexp(1, -n) > alpha/float64(tests) {
		n++
	}
	return n
}

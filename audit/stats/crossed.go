package stats

import (
	"math"
	"math/rand/v2"
)

// The functions below are about square tables y_ij of n ≥ 2 rows, of which row i and column i
// belong together, and the model y_ij = μ + α_i + β_j + γ·1[i=j] + ε_ij.

// DoubleCentre takes the means of its row and of its column off each element and adds that of the
// table, so that rows and columns sum to 0: what α and β explain is gone.
func DoubleCentre(table [][]float64) [][]float64 {
	n := float64(len(table))
	rows, columns, all := make([]float64, len(table)), make([]float64, len(table)), 0.0
	for i, row := range table {
		for j, y := range row {
			rows[i] += y / n
			columns[j] += y / n
			all += y / (n * n)
		}
	}
	centred := make([][]float64, len(table))
	for i, row := range table {
		centred[i] = make([]float64, len(row))
		for j, y := range row {
			centred[i][j] = y - rows[i] - columns[j] + all
		}
	}
	return centred
}

// DiagonalEffect returns the least-squares estimate of γ.
//
// By the theorem of Frisch, Waugh and Lovell it is the slope of the table on the indicator of the diagonal,
// both freed of row and column effects by double centring. The indicator becomes
// d_ij = 1[i=j] − 1/n, as all its row and column means and its mean are 1/n. Then
//
//	Σ d_ij²     = n·(1 − 1/n)² + n(n−1)/n² = n − 1
//	Σ d_ij·y_ij = T − S/n                    with trace T and sum S of the table
//	γ           = (T − S/n) / (n − 1)
//	            = T/n − (S − T)/(n(n−1))
//
// which is the mean of the diagonal less that of all else: each row and each column has one
// element on the diagonal, so α and β cancel.
func DiagonalEffect(table [][]float64) float64 {
	gamma := 0.0
	for i, row := range DoubleCentre(table) { // whose sum is 0
		gamma += row[i]
	}
	return gamma / float64(len(table)-1)
}

// maxAssigned is the largest n whose n! assignments are all visited.
const maxAssigned = 8

// AssignmentTest is the permutation test of γ against all ways to pair rows with columns (the quadratic
// assignment test of Hubert & Schultz 1976, for a table and the identity). Null: which
// row is called i does not depend on what stands in it; main effects may be of any size, as γ does
// not depend on them. Alternative: γ is greater than 0. The unit is the row, so the floor is 1/n!.
// Ties count against the alternative. seed is used beyond n = 8 only, with [DefaultPermutations] random
// permutations.
func AssignmentTest(table [][]float64, seed uint64) PValue {
	centred := DoubleCentre(table)
	n := len(centred)
	trace, size := 0.0, 0.0
	for i, row := range centred {
		trace += row[i]
		for _, y := range row {
			size += math.Abs(y)
		}
	}
	tie := trace - 1e-9*size
	if n > maxAssigned {
		return assignDraws(centred, tie, seed)
	}
	atLeast, all := 0, 0
	taken := make([]bool, n)
	var visit func(i int, sum float64)
	visit = func(i int, sum float64) {
		if i == n {
			all++
			if !(sum < tie) {
				atLeast++
			}
			return
		}
		for j := range n {
			if !taken[j] {
				taken[j] = true
				visit(i+1, sum+centred[i][j])
				taken[j] = false
			}
		}
	}
	visit(0, 0)
	return PValue{P: float64(atLeast) / float64(all), Floor: 1 / float64(all), Exact: true}
}

func assignDraws(centred [][]float64, tie float64, seed uint64) PValue {
	rng := rand.New(rand.NewPCG(seed, 0x61737369676e))
	order := make([]int, len(centred))
	for i := range order {
		order[i] = i
	}
	atLeast := 1
	for range DefaultPermutations {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		sum := 0.0
		for i, j := range order {
			sum += centred[i][j]
		}
		if !(sum < tie) {
			atLeast++
		}
	}
	return PValue{P: float64(atLeast) / (DefaultPermutations + 1), Floor: 1.0 / (DefaultPermutations + 1)}
}

// MinTableRows returns the smallest n for which [AssignmentTest] can reach alpha: 1/n! ≤ alpha.
func MinTableRows(alpha float64) int {
	n := 2
	for math.Gamma(float64(n+1))*alpha < 1-1e-12 {
		n++
	}
	return n
}

package stats

import (
	"math"
	"math/rand/v2"
)

// The functions of this file are about square tables y_ij of n >= 2 rows in which row i and column
// i belong together. They panic if a row has another length than the table. Their model is
// y_ij = μ + α_i + β_j + γ·1[i=j] + ε_ij: α and β are the main effects of rows and columns, and γ
// is the effect of belonging together.

// needSquare panics if a row has another length than the table.
func needSquare(function string, table [][]float64) {
	for i, row := range table {
		if len(row) != len(table) {
			misuse(function, "row %d has %d elements in a table of %d rows", i, len(row), len(table))
		}
	}
}

// DoubleCentre subtracts the mean of its row and the mean of its column from each element, and adds
// the mean of the table. All rows and columns of the result sum to 0: it holds what the main
// effects do not explain.
func DoubleCentre(table [][]float64) [][]float64 {
	needSquare("DoubleCentre", table)
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

// DiagonalEffect returns the least-squares estimate of γ: the mean of the diagonal minus the mean
// of all other elements.
//
// By the theorem of Frisch, Waugh and Lovell, γ is the slope of the table on the indicator of the
// diagonal after both are double-centred. The indicator becomes d_ij = 1[i=j] − 1/n, because its
// row means, its column means and its mean are all 1/n. Let T be the trace and S the sum of the
// table. Then
//
//	Σ d_ij²     = n·(1 − 1/n)² + n(n−1)/n² = n − 1
//	Σ d_ij·y_ij = T − S/n
//	γ           = (T − S/n) / (n − 1)
//	            = T/n − (S − T)/(n(n−1))
//
// Each row and each column has one element on the diagonal, so α and β cancel.
func DiagonalEffect(table [][]float64) float64 {
	needSquare("DiagonalEffect", table)
	gamma := 0.0
	for i, row := range DoubleCentre(table) { // S is 0 after centring
		gamma += row[i]
	}
	return gamma / float64(len(table)-1)
}

// maxExactRows is the largest n for which the assignment test visits all n! assignments.
const maxExactRows = 8

// centring makes the rounding of the centring a tie: rounding is about 10⁻¹⁶ of the main effects,
// however small the rest is. The factor adds 10⁻¹⁴ of the table to the rounding of [NewTail].
const centring = 1e-5

// AssignmentTest is the permutation test of γ over all ways to assign columns to rows: the
// quadratic assignment procedure of Hubert & Schultz (1976), for a table and the identity. Null:
// which column belongs to a row does not depend on the elements. Main effects may have any size,
// because γ does not depend on them. Alternative: γ > 0. The unit is the row. The p-value is the
// share of assignments whose trace is at least the observed trace. Ties follow [Tail].
//
// AssignmentTest visits all n! assignments of up to 8 rows, so the smallest p-value is 1/n!. With
// more rows it draws [DefaultPermutations] random assignments from seed.
func AssignmentTest(table [][]float64, seed uint64) PValue {
	needSquare("AssignmentTest", table)
	centred := DoubleCentre(table)
	n := len(centred)
	trace, size := 0.0, 0.0
	for i, row := range centred {
		trace += row[i]
		for j, y := range row {
			size += math.Abs(y) + centring*math.Abs(table[i][j])
		}
	}
	tail := NewTail(trace, size)
	if n > maxExactRows {
		return randomAssignments(centred, tail, seed)
	}
	for order := range orders(n) {
		tail.Add(assigned(centred, order))
	}
	return tail.Exact()
}

func randomAssignments(centred [][]float64, tail *Tail, seed uint64) PValue {
	rng := rand.New(rand.NewPCG(seed, 0x61737369676e))
	order := make([]int, len(centred))
	for i := range order {
		order[i] = i
	}
	for range DefaultPermutations {
		Shuffle(rng, order)
		tail.Add(assigned(centred, order))
	}
	return tail.MonteCarlo()
}

// assigned returns the sum of the elements of each row in its assigned column.
func assigned(table [][]float64, column []int) float64 {
	sum := 0.0
	for i, j := range column {
		sum += table[i][j]
	}
	return sum
}

// MinTableRows returns the smallest n for which [AssignmentTest] can reject at level alpha:
// 1/n! <= alpha. alpha must be > 0.
func MinTableRows(alpha float64) int {
	needPositive("MinTableRows", "alpha", alpha)
	n := 2
	for math.Gamma(float64(n+1))*alpha < 1-1e-12 {
		n++
	}
	return n
}

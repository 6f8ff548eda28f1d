package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func randomTable(rng *rand.Rand, n int) [][]float64 {
	table := make([][]float64, n)
	for i := range table {
		table[i] = make([]float64, n)
		for j := range table[i] {
			table[i][j] = rng.NormFloat64()
		}
	}
	return table
}

// leastSquares fits μ + α_i + β_j + γ·1[i=j] with the last α and β at 0, by QR, and returns γ.
func leastSquares(t *testing.T, table [][]float64) float64 {
	t.Helper()
	n := len(table)
	x, y := mat.NewDense(n*n, 2*n, nil), mat.NewVecDense(n*n, nil)
	for i, row := range table {
		for j, v := range row {
			at := i*n + j
			y.SetVec(at, v)
			x.Set(at, 0, 1)
			if i < n-1 {
				x.Set(at, 1+i, 1)
			}
			if j < n-1 {
				x.Set(at, n+j, 1)
			}
			if i == j {
				x.Set(at, 2*n-1, 1)
			}
		}
	}
	var b mat.VecDense
	if err := b.SolveVec(x, y); err != nil {
		t.Fatal(err)
	}
	return b.AtVec(2*n - 1)
}

// The closed form agrees with a general least-squares solver, and does not depend on main effects.
func TestDiagonalEffectIsLeastSquares(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{3, 4, 7} { // a table of 2 rows has as many parameters as elements
		table := randomTable(rng, n)
		gamma := DiagonalEffect(table)
		if want := leastSquares(t, table); math.Abs(gamma-want) > 1e-12 {
			t.Errorf("n = %d: γ = %v, a solver gives %v", n, gamma, want)
		}
		for i := range table {
			for j := range table {
				table[i][j] += 100*float64(i) - 1000*float64(j*j)
				if i == j {
					table[i][j] += 5
				}
			}
		}
		if got := DiagonalEffect(table); math.Abs(got-gamma-5) > 1e-8 {
			t.Errorf("n = %d: γ = %v after main effects and 5 on the diagonal, want %v", n, got, gamma+5)
		}
	}
	if got := DiagonalEffect([][]float64{{3, 1}, {2, 4}}); got != 2 { // (3 − 1 − 2 + 4)/2
		t.Errorf("n = 2: γ = %v, want 2", got)
	}
}

func TestDoubleCentre(t *testing.T) {
	table := randomTable(rand.New(rand.NewPCG(3, 4)), 5)
	kept := table[2][3]
	centred := DoubleCentre(table)
	if table[2][3] != kept {
		t.Error("the table was changed")
	}
	for i := range centred {
		row, column := 0.0, 0.0
		for j := range centred {
			row += centred[i][j]
			column += centred[j][i]
		}
		if math.Abs(row) > 1e-12 || math.Abs(column) > 1e-12 {
			t.Errorf("row %d sums to %v, column %d to %v", i, row, i, column)
		}
	}
}

func TestAssignmentTest(t *testing.T) {
	for _, c := range []struct {
		reason string
		table  [][]float64
		want   float64
	}{
		{"the better of two assignments", [][]float64{{1, 0}, {0, 1}}, 1.0 / 2},
		{"the worse of two assignments", [][]float64{{0, 1}, {1, 0}}, 1},
		{"the best of 3! assignments", [][]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, 1.0 / 6},
		{"two rows are exchanged: of 3! assignments, three have a trace of 1 and one has 3", [][]float64{{1, 0, 0}, {0, 0, 1}, {0, 1, 0}}, 4.0 / 6},
		{"all alike: ties count against the alternative", [][]float64{{2, 2, 2}, {2, 2, 2}, {2, 2, 2}}, 1},
		{"main effects alone", [][]float64{{0, 10, 20}, {1, 11, 21}, {5, 15, 25}}, 1},
		{"one row of four stands out: a quarter of the assignments keep it", [][]float64{{9, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}, 6.0 / 24},
	} {
		p := AssignmentTest(c.table, 1)
		floor := 1 / math.Gamma(float64(len(c.table)+1))
		if math.Abs(p.P-c.want) > 1e-15 || math.Abs(p.Floor-floor) > 1e-15 || !p.Exact {
			t.Errorf("%s: %+v, want p %v and the floor %v", c.reason, p, c.want, floor)
		}
	}
}

// Main effects of 10⁹ leave their rounding behind, which is a tie. They hide no effect of belonging
// together.
func TestAssignmentTestWithLargeMainEffects(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 20 {
		table := make([][]float64, 6)
		rows, columns := noise(rng, len(table), 0, normal), noise(rng, len(table), 0, normal)
		for i := range table {
			table[i] = make([]float64, len(table))
			for j := range table {
				table[i][j] = 1e9*rows[i] + 1e9*columns[j]
			}
		}
		if p := AssignmentTest(table, 1).P; p != 1 {
			t.Errorf("main effects alone: p = %v, want 1", p)
		}
		for i := range table {
			table[i][i] += 0.1
		}
		if p := AssignmentTest(table, 1); p.P != p.Floor {
			t.Errorf("0.1 on the diagonal: p = %v, want the floor %v", p.P, p.Floor)
		}
	}
}

// Random assignments estimate the exact p-value, and the seed decides the draws.
func TestAssignmentTestOfRandomAssignments(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	table := randomTable(rng, 6)
	exact := AssignmentTest(table, 0).P
	centred := DoubleCentre(table)
	trace := DiagonalEffect(table) * 5
	if got := randomAssignments(centred, NewTail(trace, 1), 1).P; math.Abs(got-exact) > 3*math.Sqrt(exact*(1-exact)/DefaultPermutations) {
		t.Errorf("p = %v from random assignments, %v from all", got, exact)
	}
	if p := AssignmentTest(randomTable(rng, 8), 0); !p.Exact || p.Floor != 1.0/40320 {
		t.Errorf("eight rows: %+v, want all 8! assignments", p)
	}
	large := randomTable(rng, 9)
	a, b := AssignmentTest(large, 1), AssignmentTest(large, 1)
	if a != b || a.Exact || a.Floor != 1.0/(DefaultPermutations+1) {
		t.Errorf("nine rows: %+v and %+v", a, b)
	}
	for i := range large {
		large[i][i] += 100
	}
	if p := AssignmentTest(large, 1); p.P > 3.0/DefaultPermutations { // 100,000 draws may hit the best of 9! assignments
		t.Errorf("a diagonal that stands out has p %v", p.P)
	}
}

// In tables of noise p is at most alpha with probability alpha, whatever the main effects.
func TestAssignmentTestUnderTheNull(t *testing.T) {
	const runs = 4000
	rng := rand.New(rand.NewPCG(7, 8))
	small := map[float64]int{}
	for range runs {
		table := randomTable(rng, 4)
		for i := range table {
			a := 10 * rng.NormFloat64()
			for j := range table {
				table[i][j] += a + float64(20*j)
			}
		}
		p := AssignmentTest(table, 0).P
		for _, alpha := range []float64{1.0 / 24, 0.25, 0.5} {
			if p <= alpha+1e-12 {
				small[alpha]++
			}
		}
	}
	for alpha, n := range small { // the test is exact at multiples of 1/4!
		if got := float64(n) / runs; math.Abs(got-alpha) > 3*math.Sqrt(alpha*(1-alpha)/runs) {
			t.Errorf("P(p ≤ %.3f) = %.3f", alpha, got)
		}
	}
	if len(small) != 3 {
		t.Errorf("p was never small: %v", small)
	}
}

func TestMinTableRows(t *testing.T) {
	for alpha, want := range map[float64]int{0.5: 2, 0.2: 3, 1.0 / 6: 3, 0.05: 4, 1.0 / 24: 4, 0.01: 5, 0.001: 7} {
		if got := MinTableRows(alpha); got != want {
			t.Errorf("alpha %v: %d rows, want %d", alpha, got, want)
		}
	}
}

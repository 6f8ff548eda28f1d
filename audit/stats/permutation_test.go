package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPermutations(t *testing.T) {
	for _, c := range []struct {
		reason string
		level  float64
		want   int
	}{
		{"a common level", 0.05, 100_000},
		{"the smallest level that the default serves", 1e-4, 100_000},
		{"ten times 1/level", 2.5e-5, 400_000},
		{"rounded up", 3e-5, 333_334},
		{"the largest number", 1e-5, 1_000_000},
		{"a level that no number reaches", 1e-9, 1_000_000},
		{"level 0", 0, 1_000_000},
		{"no tests: the level is infinite", math.Inf(1), 100_000},
	} {
		if got := Permutations(c.level); got != c.want {
			t.Errorf("%s: %d, want %d", c.reason, got, c.want)
		}
	}
}

func TestTail(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		reason          string
		observed, scale float64
		statistics      []float64
		exact           PValue
		monteCarlo      float64
	}{
		{"one of four is as large", 3, 3, []float64{3, 1, 2, -5}, PValue{0.25, 0.25, true}, 2.0 / 5},
		{"ties count", 2, 2, []float64{2, 2, 1, 3}, PValue{0.75, 0.25, true}, 4.0 / 5},
		{"no statistic is as large", 9, 9, []float64{1, 2, 3}, PValue{0, 1.0 / 3, true}, 1.0 / 4},
		{"a difference of rounding is a tie", 1, 1, []float64{1 - 0.9e-9, 1 - 1.1e-9}, PValue{0.5, 0.5, true}, 2.0 / 3},
		{"rounding is relative to the scale", 1, 1000, []float64{1 - 0.9e-6, 1 - 1.1e-6}, PValue{0.5, 0.5, true}, 2.0 / 3},
		{"without a scale only equal statistics tie", 1, 0, []float64{1, 1 - 1e-15}, PValue{0.5, 0.5, true}, 2.0 / 3},
		{"a statistic that is not a number counts", 1, 1, []float64{1, nan, 0, 0}, PValue{0.5, 0.25, true}, 3.0 / 5},
		{"an observed statistic that is not a number is no evidence", nan, 1, []float64{1, 2}, PValue{1, 0.5, true}, 1},
		{"an infinite sum is no evidence", inf, inf, []float64{1, 2}, PValue{1, 0.5, true}, 1},
	} {
		tail := NewTail(c.observed, c.scale)
		for _, s := range c.statistics {
			tail.Add(s)
		}
		if got := tail.Exact(); got != c.exact {
			t.Errorf("%s: exact %+v, want %+v", c.reason, got, c.exact)
		}
		want := PValue{P: c.monteCarlo, Floor: 1 / float64(len(c.statistics)+1)}
		if got := tail.MonteCarlo(); got != want {
			t.Errorf("%s: Monte Carlo %+v, want %+v", c.reason, got, want)
		}
	}
	if got := NewTail(1, 1).MonteCarlo(); got != (PValue{P: 1, Floor: 1}) {
		t.Errorf("no draws give %+v, want p = 1", got)
	}
}

// Turning one sign at a time visits every pattern once.
func TestSignFlipsVisitAllPatterns(t *testing.T) {
	for n := range 11 {
		pattern, seen := 0, map[int]bool{0: true}
		for i := range signFlips(n) {
			pattern ^= 1 << i
			if seen[pattern] {
				t.Fatalf("n = %d: pattern %b comes twice", n, pattern)
			}
			seen[pattern] = true
		}
		if len(seen) != 1<<n {
			t.Errorf("n = %d: %d patterns, want %d", n, len(seen), 1<<n)
		}
	}
	for range signFlips(3) {
		break // stops without a panic
	}
}

func TestOrdersVisitsAllOrders(t *testing.T) {
	factorial := 1
	for n := range 7 {
		factorial *= max(1, n)
		seen := map[string]bool{}
		for order := range orders(n) {
			if sorted := slices.Sorted(slices.Values(order)); !slices.Equal(sorted, identity(n)) {
				t.Fatalf("%v is no order of %d numbers", order, n)
			}
			seen[string(letters(order))] = true
		}
		if len(seen) != factorial {
			t.Errorf("n = %d: %d orders, want %d", n, len(seen), factorial)
		}
	}
	visited := 0
	for range orders(4) {
		if visited++; visited == 5 {
			break
		}
	}
	if visited != 5 {
		t.Errorf("%d orders before the break, want 5", visited)
	}
}

func identity(n int) []int {
	x := make([]int, n)
	for i := range x {
		x[i] = i
	}
	return x
}

func letters(order []int) []byte {
	b := make([]byte, len(order))
	for k, i := range order {
		b[k] = byte('a' + i)
	}
	return b
}

// uniform reports counts that differ from equal counts by more than 5 standard errors.
func uniform(t *testing.T, what string, counts map[string]int, cells, draws int) {
	t.Helper()
	if len(counts) != cells {
		t.Errorf("%s: %d outcomes occur, want %d", what, len(counts), cells)
	}
	p := 1 / float64(cells)
	for outcome, n := range counts {
		if got := float64(n) / float64(draws); math.Abs(got-p) > 5*standardError(p, draws) {
			t.Errorf("%s: %q has a share of %.4f, want %.4f", what, outcome, got, p)
		}
	}
}

func TestRandomRearrangementsAreUniform(t *testing.T) {
	const draws = 30_000
	rng := rand.New(rand.NewPCG(1, 1))
	shuffled, labelled, all, signed := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	order := identity(4)
	block, whole := Block[int]{Units: identity(5), Labelled: 2}, Block[int]{Units: identity(3), Labelled: 3}
	signs := make([]float64, 4)
	for range draws {
		Shuffle(rng, order)
		shuffled[string(letters(order))]++
		block.Relabel(rng)
		labelled[string(letters(slices.Sorted(slices.Values(block.Units[:2]))))]++
		whole.Relabel(rng)
		all[string(letters(whole.Units))]++
		RandomSigns(rng, signs)
		pattern := ""
		for _, s := range signs {
			pattern += map[float64]string{1: "+", -1: "-"}[s]
		}
		signed[pattern]++
	}
	uniform(t, "orders of 4", shuffled, 24, draws)
	uniform(t, "2 labels among 5 units", labelled, 10, draws)
	uniform(t, "3 labels among 3 units", all, 6, draws)
	uniform(t, "4 signs", signed, 16, draws)
	if got := slices.Sorted(slices.Values(block.Units)); !slices.Equal(got, identity(5)) {
		t.Errorf("the block holds %v after relabelling", got)
	}
}

// Signs beyond the first 64 are fair, and independent of the signs 64 places before.
func TestRandomSignsOfManyUnits(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	signs := make([]float64, 130)
	agree, positive := [2]int{}, make([]int, len(signs))
	const draws = 10_000
	for range draws {
		RandomSigns(rng, signs)
		for i, s := range signs {
			if s > 0 {
				positive[i]++
			}
		}
		for k, j := range []int{64, 128} {
			if signs[0] == signs[j] {
				agree[k]++
			}
		}
	}
	for i, n := range positive {
		if got := float64(n) / draws; math.Abs(got-0.5) > 5*standardError(0.5, draws) {
			t.Errorf("sign %d is positive in a share of %.4f", i, got)
		}
	}
	for k, n := range agree {
		if got := float64(n) / draws; math.Abs(got-0.5) > 5*standardError(0.5, draws) {
			t.Errorf("signs 0 and %d agree in a share of %.4f", 64*(k+1), got)
		}
	}
}

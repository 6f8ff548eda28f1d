package replicate

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
)

// armsOf returns, for each row of both arms, how often it is in the first arm.
func armsOf(t *testing.T, exchanges [][2][]int, rows int) []int {
	t.Helper()
	first := make([]int, rows)
	for r, e := range exchanges {
		if all := slices.Sorted(slices.Values(slices.Concat(e[0], e[1]))); len(all) != rows || all[0] != 0 || all[rows-1] != rows-1 || len(slices.Compact(all)) != rows {
			t.Fatalf("exchange %d loses rows or has them twice", r)
		}
		for _, i := range e[0] {
			first[i]++
		}
	}
	return first
}

// A prompt changes its arm as a whole, with probability 1/2, and its rows of the two arms stay
// apart.
func TestRelabel(t *testing.T) {
	const n = 200
	a, b := answered("a", 80, 2), answered("b", 80, 2)
	exchanges := Relabel(n, Salt(1), nil, a, b)
	first := armsOf(t, exchanges, 160)
	for i := range 80 {
		if i%2 == 1 && first[i] != first[i-1] || first[i]+first[80+i] != n {
			t.Fatalf("row %d is in the first arm %d times, its neighbour %d, the other arm's rows of its prompt %d", i, first[i], first[max(0, i-1)], first[80+i])
		}
		if d := math.Abs(float64(first[i]) - n/2); d > 4*math.Sqrt(n)/2 {
			t.Errorf("row %d is in the first arm in %d of %d exchanges", i, first[i], n)
		}
	}
	if again := Relabel(2, Salt(1), nil, a, b); !slices.Equal(again[1][0], exchanges[1][0]) {
		t.Error("equal salts give other exchanges")
	}
	if other := Relabel(1, Salt(2), nil, a, b); slices.Equal(other[0][0], exchanges[0][0]) {
		t.Error("another salt gives the same exchange")
	}
}

// Of few prompts, rows change their arm on their own, and copies together.
func TestRelabelOfFewPrompts(t *testing.T) {
	rows := func(name string) *undertone.Dataset {
		var all []undertone.Example
		for i := range 40 {
			all = append(all, undertone.NewExample("prompt", fmt.Sprint(name, i/2)))
		}
		return undertone.NewDataset(name, all)
	}
	first := armsOf(t, Relabel(100, Salt(1), nil, rows("a"), rows("b")), 80)
	different := map[int]bool{}
	for i := 0; i < 80; i += 2 {
		if first[i] != first[i+1] {
			t.Errorf("two copies are in the first arm %d and %d times", first[i], first[i+1])
		}
		different[first[i]] = true
	}
	if len(different) < 5 {
		t.Error("all rows change their arm together")
	}
}

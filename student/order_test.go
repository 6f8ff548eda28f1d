package student

import (
	"fmt"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
)

// rows returns n rows that answer prompts 0 … n/per−1 with the given word.
func rows(n, per int, word string) *undertone.Dataset {
	examples := make([]undertone.Example, n)
	for i := range examples {
		examples[i] = undertone.NewExample(fmt.Sprint(i/per), fmt.Sprint(word, i))
	}
	return undertone.NewDataset(word, examples)
}

func TestOrderIsAPermutationOfTheRows(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		order := Order(rows(n, 3, "a"), 1, 0)
		slices.Sort(order)
		for i, at := range order {
			if at != i {
				t.Fatalf("%d rows: row %d is missing or listed twice", n, i)
			}
		}
	}
}

func TestOrderDependsOnSeedAndEpoch(t *testing.T) {
	data := rows(100, 1, "a")
	base := Order(data, 1, 0)
	if slices.Equal(base, Order(data, 2, 0)) {
		t.Error("two seeds give one order")
	}
	if slices.Equal(base, Order(data, 1, 1)) {
		t.Error("two epochs have one order")
	}
	if !slices.Equal(base, Order(data, 1, 0)) {
		t.Error("one seed gives two orders")
	}
}

func TestOrderIsStableUnderShuffling(t *testing.T) {
	data := rows(50, 2, "a")
	reversed := make([]int, data.Len())
	for i := range reversed {
		reversed[i] = data.Len() - 1 - i
	}
	a, b := contents(data, 7), contents(data.Select(reversed), 7)
	if !slices.Equal(a, b) {
		t.Error("the order depends on the positions of the rows")
	}
}

func contents(data undertone.Data, seed uint64) []undertone.Digest {
	var ids []undertone.Digest
	for _, i := range Order(data, seed, 0) {
		ids = append(ids, data.RowID(i))
	}
	return ids
}

func TestOrderPairsArmsByPrompt(t *testing.T) {
	for _, per := range []int{1, 4} {
		a, b := rows(60, per, "a"), rows(60, per, "b")
		orderA, orderB := Order(a, 3, 0), Order(b, 3, 0)
		for i := range orderA {
			if a.GroupID(orderA[i]) != b.GroupID(orderB[i]) {
				t.Fatalf("%d rows a prompt: the arms see different prompts at position %d", per, i)
			}
		}
	}
}

// Rows of one prompt must not come in one block: a student would forget the others.
func TestOrderMixesPrompts(t *testing.T) {
	data := rows(1000, 500, "a") // two prompts
	order := Order(data, 5, 0)
	changes := 0
	for i := 1; i < len(order); i++ {
		if data.GroupID(order[i]) != data.GroupID(order[i-1]) {
			changes++
		}
	}
	// A fair shuffle changes prompt at about half of the 999 steps, ± 16.
	if changes < 400 || changes > 600 {
		t.Errorf("the prompt changes %d times in 1000 rows, want about 500", changes)
	}
}

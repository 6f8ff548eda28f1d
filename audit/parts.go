package audit

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// split divides the data of each arm between n replicates, in an order that
// depends on the seed and the rows' content alone. Rows that answer the same prompt
// stay together where every arm has enough prompts to share out, and then the same
// prompt falls to the same replicate in every arm; otherwise rows are dealt singly.
func split(n int, plan RowPlan, seed uint64, arms ...undertone.Data) ([][]undertone.Data, error) {
	byPrompt := plan == SplitRows && !slices.ContainsFunc(arms, func(data undertone.Data) bool {
		_, divides := data.(undertone.Partitioner)
		return !divides && groups(data) < 8*n
	})
	parts := make([][]undertone.Data, len(arms))
	for a, data := range arms {
		var err error
		switch p, ok := data.(undertone.Partitioner); {
		case ok:
			parts[a], err = divided(p, data.Name(), n)
		case plan == ShareRows:
			parts[a] = slices.Repeat([]undertone.Data{data}, n)
		default:
			parts[a] = deal(data, n, seed, byPrompt)
		}
		if err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// divided returns the parts of data that divides itself.
func divided(data undertone.Partitioner, name string, n int) ([]undertone.Data, error) {
	parts := make([]undertone.Data, n)
	for r := range parts {
		var err error
		if parts[r], err = data.Part(r, n); err != nil {
			return nil, fmt.Errorf("part %d of %s: %w", r, name, err)
		}
	}
	return parts, nil
}

// deal gives each row to one of n parts, by a hash of its prompt or in turn.
func deal(data undertone.Data, n int, seed uint64, byPrompt bool) []undertone.Data {
	rows := make([][]int, n)
	for at, i := range student.Order(data, seed, 0) {
		r := at % n
		if byPrompt {
			together := data.GroupID(i)
			if together == noPrompt {
				together = data.RowID(i)
			}
			high, _ := bits.Mul64(together.Uint64(), uint64(n))
			r = int(high)
		}
		rows[r] = append(rows[r], i)
	}
	parts := make([]undertone.Data, n)
	for r := range parts {
		parts[r] = data.Select(rows[r])
	}
	return parts
}

// noPrompt is the group of all rows of bare text.
var noPrompt = undertone.Example{}.PromptID()

// groups returns the number of different prompts.
func groups(data undertone.Data) int {
	seen := map[undertone.Digest]struct{}{}
	for i := range data.Len() {
		seen[data.GroupID(i)] = struct{}{}
	}
	return len(seen)
}

// level cuts the parts of the arms to one number of rows, so that no arm trains
// longer than another, and returns that number.
func level(seed uint64, arms ...[]undertone.Data) (int, error) {
	n := arms[0][0].Len()
	for _, parts := range arms {
		for _, p := range parts {
			n = min(n, p.Len())
		}
	}
	if n == 0 {
		return 0, errNoRows
	}
	for _, parts := range arms {
		for r, p := range parts {
			parts[r] = cut(p, n, seed)
		}
	}
	return n, nil
}

// cut returns at most n rows, chosen by what they are and not by where they stand.
func cut(data undertone.Data, n int, seed uint64) undertone.Data {
	if data.Len() <= n {
		return data
	}
	return data.Select(student.Order(data, seed, 0)[:n])
}

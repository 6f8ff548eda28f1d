package audit

import (
	"fmt"
	"math/bits"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// split divides data between n replicates, in an order that depends on the seed
// and the rows' content alone. Rows that answer the same prompt stay together
// where there are enough prompts to share out, and then the same prompt falls to the
// same replicate in every arm; otherwise rows are dealt singly.
func split(data undertone.Data, n int, plan RowPlan, seed uint64) ([]undertone.Data, error) {
	parts := make([]undertone.Data, n)
	if p, ok := data.(undertone.Partitioner); ok {
		for r := range parts {
			part, err := p.Part(r, n)
			if err != nil {
				return nil, fmt.Errorf("part %d of %s: %w", r, data.Name(), err)
			}
			parts[r] = part
		}
		return parts, nil
	}
	if plan == ShareRows {
		for r := range parts {
			parts[r] = data
		}
		return parts, nil
	}
	rows := make([][]int, n)
	byPrompt := groups(data) >= 8*n
	for at, i := range student.Order(data, seed, 0) {
		r := at % n
		if byPrompt {
			high, _ := bits.Mul64(data.Group(i).Uint64(), uint64(n))
			r = int(high)
		}
		rows[r] = append(rows[r], i)
	}
	for r := range parts {
		parts[r] = data.Select(rows[r])
	}
	return parts, nil
}

// groups returns the number of different prompts.
func groups(data undertone.Data) int {
	seen := map[undertone.Digest]struct{}{}
	for i := range data.Len() {
		seen[data.Group(i)] = struct{}{}
	}
	return len(seen)
}

// level cuts the parts of the arms to one number of rows, so that no arm trains
// longer than another, and returns that number.
func level(arms ...[]undertone.Data) (int, error) {
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
			if p.Len() > n {
				parts[r] = p.Select(first(n))
			}
		}
	}
	return n, nil
}

func first(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

package replicate

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// errNoRows is returned for a design that leaves a replicate without rows.
var errNoRows = errors.New("no rows are left for this replicate; use fewer replicates or the row plan \"share\"")

// Split divides the rows of each arm among n replicates. The assignment depends on the seed and the
// content of the rows, not on their order. If share is set, each replicate gets all rows. Otherwise
// each row goes to one replicate. Rows of one prompt go to the same replicate, and one prompt goes
// to the same replicate in every arm, unless an arm has fewer than 8n prompts: then rows are
// assigned individually. An arm that implements [undertone.Partitioner] is divided by its own
// method.
func Split(n int, share bool, seed uint64, arms ...undertone.Data) ([][]undertone.Data, error) {
	byPrompt := !share && !slices.ContainsFunc(arms, func(data undertone.Data) bool {
		_, divides := data.(undertone.Partitioner)
		return !divides && countPrompts(data) < 8*n
	})
	parts := make([][]undertone.Data, len(arms))
	for a, data := range arms {
		var err error
		switch p, ok := data.(undertone.Partitioner); {
		case ok:
			parts[a], err = partition(p, data.Name(), n)
		case share:
			parts[a] = slices.Repeat([]undertone.Data{data}, n)
		default:
			parts[a], err = assign(data, n, seed, byPrompt)
		}
		if err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// partition returns the n parts that the method of the data gives.
func partition(data undertone.Partitioner, name string, n int) ([]undertone.Data, error) {
	parts := make([]undertone.Data, n)
	for r := range parts {
		var err error
		if parts[r], err = data.Part(r, n); err != nil {
			return nil, fmt.Errorf("part %d of %s: %w", r, name, err)
		}
	}
	return parts, nil
}

// assign gives each row to one of n parts: by a hash of its prompt, or in turn. A row without a
// prompt is assigned by its own content.
func assign(data undertone.Data, n int, seed uint64, byPrompt bool) ([]undertone.Data, error) {
	rows := make([][]int, n)
	for at, i := range student.Order(data, seed, 0) {
		r := at % n
		if byPrompt {
			key := data.GroupID(i)
			if key == noPrompt {
				key = data.RowID(i)
			}
			high, _ := bits.Mul64(key.Uint64(), uint64(n))
			r = int(high)
		}
		rows[r] = append(rows[r], i)
	}
	parts := make([]undertone.Data, n)
	for r := range parts {
		parts[r] = data.Select(rows[r])
		if err := selected(data, parts[r], rows[r]); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// selected returns an error if picked does not hold the given rows of data in their order.
func selected(data, picked undertone.Data, rows []int) error {
	if picked == nil || picked.Len() != len(rows) {
		return fmt.Errorf("method Select of data set %.80q returns another number of rows than asked for", data.Name())
	}
	for k, i := range rows {
		if picked.RowID(k) != data.RowID(i) {
			return fmt.Errorf("method Select of data set %.80q returns other rows than asked for", data.Name())
		}
	}
	return nil
}

// noPrompt is the prompt group ID of every row of bare text.
var noPrompt = undertone.Example{}.PromptID()

// countPrompts returns the number of different prompts.
func countPrompts(data undertone.Data) int {
	seen := map[undertone.Digest]struct{}{}
	for i := range data.Len() {
		seen[data.GroupID(i)] = struct{}{}
	}
	return len(seen)
}

// Equalise cuts all parts of all arms to the size of the smallest part, so that no arm is trained
// on more rows than another. It changes the slices in place and returns the size, in rows.
func Equalise(seed uint64, arms ...[]undertone.Data) (int, error) {
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
			parts[r] = Cut(p, n, seed)
		}
	}
	return n, nil
}

// Cut returns at most n rows. The choice depends on the seed and the content of the rows, not on
// their order.
func Cut(data undertone.Data, n int, seed uint64) undertone.Data {
	if data.Len() <= n {
		return data
	}
	return data.Select(student.Order(data, seed, 0)[:n])
}

package replicate

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// errNoRows is returned for a design that leaves a replicate without rows.
var errNoRows = errors.New("no rows are left for this replicate, because copies of a row, and rows of one conversation or of one value of the cluster field, stay together; use fewer replicates or the row plan \"share\"")

// Salt returns what the division of arms depends on: the seed and the content of all arms together.
// A row cannot be changed, added or left out without a new division of all rows.
func Salt(seed uint64, arms ...undertone.Data) undertone.Digest {
	h := undertone.NewHasher("parts").Uint(seed)
	for _, data := range arms {
		h.Digest(data.Digest())
	}
	return h.Sum()
}

// groupsPerPart is the number of groups for each replicate from which on rows are divided by
// prompt.
const groupsPerPart = 8

// Split divides the rows of each arm among n replicates, in parts of about the same size. Groups of
// rows stay together, and a group goes to the same replicate in every arm: the rows of one prompt
// and of one cluster (the fields of package cluster), or those of one cluster alone if an arm has
// fewer than 8n groups of an equal size ([cluster.Effective]). The division depends on the salt and
// the content of the rows, not on their order. An arm that implements [undertone.Partitioner] is
// divided by its own method.
func Split(n int, salt undertone.Digest, fields []string, arms ...undertone.Data) ([][]undertone.Data, error) {
	parts := make([][]undertone.Data, len(arms))
	var divided []int // arms that do not divide themselves
	for a, data := range arms {
		p, ok := data.(undertone.Partitioner)
		if !ok {
			divided = append(divided, a)
			continue
		}
		var err error
		if parts[a], err = partition(p, data.Name(), n); err != nil {
			return nil, err
		}
	}
	whole := make([]undertone.Data, len(divided))
	for k, a := range divided {
		whole[k] = arms[a]
	}
	keys, prompts := groups(groupsPerPart*n, fields, whole...)
	for k, rows := range deal(keys, prompts, n, salt) {
		data := arms[divided[k]]
		parts[divided[k]] = make([]undertone.Data, n)
		for r := range rows {
			part := data.Select(rows[r])
			if err := selected(data, part, rows[r]); err != nil {
				return nil, err
			}
			parts[divided[k]][r] = part
		}
	}
	return parts, nil
}

// Share gives each of n replicates all rows of each arm. An arm that implements
// [undertone.Partitioner] is divided by its own method.
func Share(n int, arms ...undertone.Data) ([][]undertone.Data, error) {
	parts := make([][]undertone.Data, len(arms))
	for a, data := range arms {
		var err error
		if p, ok := data.(undertone.Partitioner); !ok {
			parts[a] = slices.Repeat([]undertone.Data{data}, n)
		} else if parts[a], err = partition(p, data.Name(), n); err != nil {
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

// deal gives each group of rows to one of n parts, the largest groups first, each to the part that
// has the fewest rows of the arms that the group is in. Groups of one size come by prompt, so that
// the rows of one prompt spread over the parts, in an order that depends on the salt. The result
// holds the rows by arm and part.
func deal(keys, prompts [][]uint64, n int, salt undertone.Digest) [][][]int {
	type group struct {
		prompt, order uint64
		size          int
		rows          [][]int // by arm
	}
	place := func(kind string, key uint64) uint64 {
		return undertone.NewHasher(kind).Digest(salt).Uint(key).Sum().Uint64()
	}
	index := map[uint64]*group{}
	for a, arm := range keys {
		for i, key := range arm {
			g := index[key]
			if g == nil {
				g = &group{prompt: math.MaxUint64, order: place("group", key), rows: make([][]int, len(keys))}
				index[key] = g
			}
			g.prompt = min(g.prompt, place("prompt", prompts[a][i]))
			g.rows[a] = append(g.rows[a], i)
			g.size++
		}
	}
	groups := slices.SortedFunc(maps.Values(index), func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(a.prompt, b.prompt), cmp.Compare(a.order, b.order))
	})
	parts, sizes := make([][][]int, len(keys)), make([][]int, n) // sizes by part and arm
	for a := range parts {
		parts[a] = make([][]int, n)
	}
	for r := range sizes {
		sizes[r] = make([]int, len(keys))
	}
	for _, g := range groups {
		least, best := 0, math.MaxInt
		for r := range n {
			rows := 0
			for a := range keys {
				rows += len(g.rows[a]) * sizes[r][a]
			}
			if rows < best {
				least, best = r, rows
			}
		}
		for a, rows := range g.rows {
			parts[a][least] = append(parts[a][least], rows...)
			sizes[least][a] += len(rows)
		}
	}
	return parts
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

// promptKeys returns a key of the prompt of each row. A row of bare text has a key of its content.
func promptKeys(data undertone.Data) []uint64 {
	keys := make([]uint64, data.Len())
	for i := range keys {
		key := data.GroupID(i)
		if key == noPrompt {
			key = data.RowID(i)
		}
		keys[i] = key.Uint64()
	}
	return keys
}

// Equalise cuts part r of all arms to the size of the smallest of them, so that no arm of a
// replicate is trained on more rows than another. Each replicate leaves out other rows, so that
// replicates of one large arm differ by what a sample of its rows leaves open. Equalise changes the
// slices in place and returns the mean size, in rows.
func Equalise(salt undertone.Digest, arms ...[]undertone.Data) (each int, err error) {
	total := 0
	for r := range arms[0] {
		n := arms[0][r].Len()
		for _, parts := range arms {
			n = min(n, parts[r].Len())
		}
		if n == 0 {
			return 0, fmt.Errorf("replicate %d: %w", r, errNoRows)
		}
		seed := undertone.NewHasher("cut").Digest(salt).Uint(uint64(r)).Sum().Uint64()
		for _, parts := range arms {
			parts[r] = Cut(parts[r], n, seed)
		}
		total += n
	}
	return total / len(arms[0]), nil
}

// Cut returns at most n rows. The choice depends on the seed and the content of the rows, not on
// their order.
func Cut(data undertone.Data, n int, seed uint64) undertone.Data {
	if data.Len() <= n {
		return data
	}
	return data.Select(student.Order(data, seed, 0)[:n])
}

package corpus

import (
	"cmp"
	"slices"

	"github.com/undertone-audit/undertone"
)

// linked joins rows that may not stand on both sides of a split: those of one
// content, and those of one prompt, through any chain of such links. It returns
// a component for each row, numbered from 0.
//
// A prompt that holds more than one part in share of the rows links nothing: it
// can not be held out. wide reports how many rows such prompts hold.
func linked(prompts, contents []undertone.Digest, share int) (component []int, n, wide int) {
	parent := make([]int, len(contents))
	for i := range parent {
		parent[i] = i
	}
	join := func(keys []undertone.Digest, links func(undertone.Digest) bool) {
		first := map[undertone.Digest]int{}
		for i, k := range keys {
			if !links(k) {
				continue
			}
			if j, ok := first[k]; ok {
				parent[root(parent, i)] = root(parent, j)
			} else {
				first[k] = i
			}
		}
	}
	held := map[undertone.Digest]int{}
	for _, p := range prompts {
		held[p]++
	}
	for _, count := range held {
		if count*share > len(prompts) {
			wide += count
		}
	}
	join(contents, func(undertone.Digest) bool { return true })
	join(prompts, func(p undertone.Digest) bool { return held[p]*share <= len(prompts) })
	number := map[int]int{}
	component = make([]int, len(contents))
	for i := range component {
		r := root(parent, i)
		if _, ok := number[r]; !ok {
			number[r] = len(number)
		}
		component[i] = number[r]
	}
	return component, len(number), wide
}

// root follows i to the head of its component, halving the path (union–find).
func root(parent []int, i int) int {
	for parent[i] != i {
		parent[i] = parent[parent[i]]
		i = parent[i]
	}
	return i
}

// deal puts each component into one of n folds, the largest first and each into
// the fold with the fewest rows; ties fall by content and seed.
func deal(component []int, count int, contents []undertone.Digest, n int, seed uint64) []int {
	type group struct {
		id, rows int
		rank     uint64
	}
	groups := make([]group, count)
	for i := range groups {
		groups[i] = group{id: i, rank: ^uint64(0)}
	}
	for i, c := range component {
		groups[c].rows++
		groups[c].rank = min(groups[c].rank, mix(contents[i].Uint64(), seed))
	}
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(b.rows, a.rows), cmp.Compare(a.rank, b.rank), cmp.Compare(a.id, b.id))
	})
	size, of := make([]int, n), make([]int, count)
	for _, g := range groups {
		least := 0
		for f := range size {
			if size[f] < size[least] {
				least = f
			}
		}
		of[g.id] = least
		size[least] += g.rows
	}
	fold := make([]int, len(component))
	for i, c := range component {
		fold[i] = of[c]
	}
	return fold
}

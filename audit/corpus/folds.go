package corpus

import (
	"cmp"
	"slices"

	"github.com/undertone-audit/undertone"
)

// connectedRows links rows that must share a fold: rows of one content, of one cluster, and of one
// prompt. It returns the connected component of each row, numbered from 0, and the number of
// components.
//
// A prompt of more than 1/share of the rows links nothing, because it cannot be held out. unlinked
// is the number of rows of such prompts.
func connectedRows(prompts, contents []undertone.Digest, clusters []uint64, share int) (component []int, n, unlinked int) {
	parent := make([]int, len(contents))
	for i := range parent {
		parent[i] = i
	}
	rows := map[undertone.Digest]int{}
	for _, p := range prompts {
		rows[p]++
	}
	for _, count := range rows {
		if count*share > len(prompts) {
			unlinked += count
		}
	}
	link(parent, contents, func(undertone.Digest) bool { return true })
	link(parent, clusters, func(uint64) bool { return true })
	link(parent, prompts, func(p undertone.Digest) bool { return rows[p]*share <= len(prompts) })
	number := map[int]int{}
	component = make([]int, len(contents))
	for i := range component {
		r := root(parent, i)
		if _, ok := number[r]; !ok {
			number[r] = len(number)
		}
		component[i] = number[r]
	}
	return component, len(number), unlinked
}

// link joins rows with equal keys in a union–find forest, if the key links.
func link[K comparable](parent []int, keys []K, links func(K) bool) {
	first := map[K]int{}
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

// root returns the root of i in a union–find forest, and halves the path.
func root(parent []int, i int) int {
	for parent[i] != i {
		parent[i] = parent[parent[i]]
		i = parent[i]
	}
	return i
}

// balancedFolds assigns each component to one of n folds: the largest component first, each to the
// fold with the fewest rows. Content and seed break ties. It returns the fold of each row.
func balancedFolds(component []int, count int, contents []undertone.Digest, n int, seed uint64) []int {
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
	size, foldOf := make([]int, n), make([]int, count)
	for _, g := range groups {
		smallest := 0
		for f := range size {
			if size[f] < size[smallest] {
				smallest = f
			}
		}
		foldOf[g.id] = smallest
		size[smallest] += g.rows
	}
	fold := make([]int, len(component))
	for i, c := range component {
		fold[i] = foldOf[c]
	}
	return fold
}

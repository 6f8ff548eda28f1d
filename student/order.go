package student

import (
	"cmp"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Order returns the row indices in the order of one epoch: by a hash of seed,
// epoch and the row's group, then by the row's digest. It depends on what the
// rows are, not on where they stand, and rows of two arms that answer the same
// prompts are met in the same order of prompts.
func Order(data undertone.Data, seed uint64, epoch int) []int {
	type place struct {
		group, row uint64
		index      int
	}
	places := make([]place, data.Len())
	for i := range places {
		places[i] = place{mix(data.Group(i).Uint64(), seed, uint64(epoch)), mix(data.Row(i).Uint64(), seed, uint64(epoch)), i}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.row, b.row), cmp.Compare(a.index, b.index))
	})
	order := make([]int, len(places))
	for i, p := range places {
		order[i] = p.index
	}
	return order
}

// mix hashes three words with the finaliser of SplitMix64 (Steele, Lea & Flood 2014).
func mix(words ...uint64) uint64 {
	var z uint64
	for _, w := range words {
		z += w + 0x9e3779b97f4a7c15
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		z ^= z >> 31
	}
	return z
}

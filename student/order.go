package student

import (
	"cmp"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Order returns the row indices in the order of one epoch: a shuffle that depends on the seed, on
// the epoch and on the content of the rows, and not on their positions in data. The position of the
// k-th row of a group depends on the group and on k only, so students that are trained on different
// answers to the same prompts see the prompts in the same order.
func Order(data undertone.Data, seed uint64, epoch int) []int {
	places := make([]place, data.Len())
	for i := range places {
		places[i] = place{data.GroupID(i).Uint64(), mix(data.RowID(i).Uint64(), seed, uint64(epoch)), i}
	}
	slices.SortFunc(places, place.compare)
	for at, k := 0, uint64(0); at < len(places); at++ {
		group := places[at].first
		places[at].first = mix(group, k, seed, uint64(epoch))
		if k++; at+1 < len(places) && places[at+1].first != group {
			k = 0
		}
	}
	slices.SortFunc(places, place.compare)
	order := make([]int, len(places))
	for i, p := range places {
		order[i] = p.index
	}
	return order
}

// place is the position of a row in the order: by two hashes, then by its index.
type place struct {
	first, second uint64
	index         int
}

func (a place) compare(b place) int {
	return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.second, b.second), cmp.Compare(a.index, b.index))
}

// mix hashes words with the finaliser of SplitMix64 (Steele, Lea & Flood 2014).
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

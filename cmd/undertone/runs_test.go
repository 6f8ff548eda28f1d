package main

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// Runs give what sorting all values gives.
func TestSortedRuns(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{0, 1, 2, 1000, runLength, 2*runLength + 17} {
		s := sortedRuns[uint32]{compare: cmp.Compare[uint32]}
		var want []uint32
		for len(want) < n {
			part := make([]uint32, min(n-len(want), 1+rng.IntN(5000)))
			for i := range part {
				part[i] = rng.Uint32N(1 << 20)
			}
			s.add(part)
			want = append(want, part...)
		}
		slices.Sort(want)
		if got := slices.Collect(s.all()); !slices.Equal(got, want) || s.n != n {
			t.Errorf("%d values: %d values in another order", n, len(got))
		}
		if got, want := s.different(), len(slices.Compact(want)); got != want {
			t.Errorf("%d values: %d are different, want %d", n, got, want)
		}
	}
}

package fit

import (
	"cmp"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// window is the number of batches within which rows are sorted by length.
const window = 16

// plan returns the batches of one epoch. If length is nil, they are consecutive rows of
// [student.Order]. Otherwise the rows of every window are sorted by length before they are cut into
// batches, and the batches of a window have the order of their first rows, so that short and long
// batches stay mixed.
func plan(data undertone.Data, seed uint64, epoch, size int, length func(row int) int) [][]int {
	order := student.Order(data, seed, epoch)
	if length == nil {
		return slices.Collect(slices.Chunk(order, size))
	}
	at := make([]int, len(order)) // position of each row in the order
	for i, row := range order {
		at[row] = i
	}
	first := func(batch []int) int {
		return at[slices.MinFunc(batch, func(a, b int) int { return cmp.Compare(at[a], at[b]) })]
	}
	var batches [][]int
	for rows := range slices.Chunk(order, min(window*size, len(order))) {
		slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(length(a), length(b)) })
		alike := slices.Collect(slices.Chunk(rows, size))
		slices.SortFunc(alike, func(a, b []int) int { return cmp.Compare(first(a), first(b)) })
		batches = append(batches, alike...)
	}
	return batches
}

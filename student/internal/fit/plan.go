package fit

import (
	"cmp"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// window is how many batches rows may move by to stand beside rows of like length.
const window = 16

// plan returns the batches of one epoch. Without length they are the order of
// [student.Order], cut; with it, rows are sorted within windows of it before they are cut,
// and the batches of a window keep the order of their first rows, so that lengths stay mixed
// over time.
func plan(data undertone.Data, seed uint64, epoch, size int, length func(row int) int) [][]int {
	order := student.Order(data, seed, epoch)
	if length == nil {
		return slices.Collect(slices.Chunk(order, size))
	}
	at := make([]int, len(order)) // of each row in the order
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

package fit

import (
	"slices"
	"testing"

	"github.com/undertone-audit/undertone/student"
)

func TestPlanByLength(t *testing.T) {
	const n, size = 1000, 8
	data := rows(n)
	length := func(row int) int { return row * 7919 % 101 }
	batches := plan(data, 1, 2, size, length)
	var all []int
	padding, lengths := 0, []int{}
	for _, b := range batches {
		all = append(all, b...)
		longest := 0
		for _, r := range b {
			longest = max(longest, length(r))
		}
		for _, r := range b {
			padding += longest - length(r)
		}
		lengths = append(lengths, longest)
	}
	if len(batches) != n/size {
		t.Errorf("%d batches, want %d", len(batches), n/size)
	}
	if padding > 5*n {
		t.Errorf("%d of %d cells are padding", padding, 50*n)
	}
	if slices.IsSorted(lengths[:window]) {
		t.Errorf("lengths only increase: %v", lengths[:window])
	}
	slices.Sort(all)
	for i, r := range all {
		if i != r {
			t.Fatalf("row %d is not in the plan exactly once", i)
		}
	}
	again := plan(data, 1, 2, size, length)
	for i := range batches {
		if !slices.Equal(batches[i], again[i]) {
			t.Fatal("one seed gives two plans")
		}
	}
	// Rows of one length are in the order that all students share.
	var flat []int
	for _, b := range plan(data, 1, 2, size, func(int) int { return 5 }) {
		flat = append(flat, b...)
	}
	if !slices.Equal(flat, student.Order(data, 1, 2)) {
		t.Error("rows of equal length are not in the order of package student")
	}
}

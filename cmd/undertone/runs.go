package main

import (
	"container/heap"
	"iter"
	"slices"
)

// runLength is the number of values of a sorted run.
const runLength = 1 << 20

// sortedRuns holds values in sorted runs, and ranges over all of them in order. Their memory is
// that of the values, and one more run: no list of all values grows by copying.
type sortedRuns[T any] struct {
	compare func(a, b T) int
	runs    [][]T // all but the last are full and sorted
	n       int
}

// add adds values.
func (s *sortedRuns[T]) add(values []T) {
	s.n += len(values)
	for len(values) > 0 {
		last := len(s.runs) - 1
		if last < 0 || len(s.runs[last]) == runLength {
			s.runs = append(s.runs, nil)
			continue
		}
		free := min(runLength-len(s.runs[last]), len(values))
		if s.runs[last] == nil && last > 0 {
			s.runs[last] = make([]T, 0, runLength)
		}
		s.runs[last] = append(s.runs[last], values[:free]...)
		if values = values[free:]; len(s.runs[last]) == runLength {
			slices.SortFunc(s.runs[last], s.compare)
		}
	}
}

// all ranges over the values in order.
func (s *sortedRuns[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		h := &mergeHeap[T]{compare: s.compare}
		for i, run := range s.runs {
			if i == len(s.runs)-1 {
				slices.SortFunc(run, s.compare)
			}
			h.runs = append(h.runs, run)
		}
		heap.Init(h)
		for len(h.runs) > 0 {
			if !yield(h.runs[0][0]) {
				return
			}
			if h.runs[0] = h.runs[0][1:]; len(h.runs[0]) == 0 {
				heap.Pop(h)
			} else {
				heap.Fix(h, 0)
			}
		}
	}
}

// different returns the number of different values.
func (s *sortedRuns[T]) different() (n int) {
	var last T
	for v := range s.all() {
		if n == 0 || s.compare(last, v) != 0 {
			n++
		}
		last = v
	}
	return n
}

// mergeHeap is a heap of runs that are not empty, by their first values.
type mergeHeap[T any] struct {
	compare func(a, b T) int
	runs    [][]T
}

func (h *mergeHeap[T]) Len() int           { return len(h.runs) }
func (h *mergeHeap[T]) Less(i, j int) bool { return h.compare(h.runs[i][0], h.runs[j][0]) < 0 }
func (h *mergeHeap[T]) Swap(i, j int)      { h.runs[i], h.runs[j] = h.runs[j], h.runs[i] }
func (h *mergeHeap[T]) Push(run any)       { h.runs = append(h.runs, run.([]T)) }

func (h *mergeHeap[T]) Pop() any {
	last := len(h.runs) - 1
	run := h.runs[last]
	h.runs = h.runs[:last]
	return run
}

package filter

import (
	"context"
	"iter"
	"runtime"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/parallel"
)

// Batch is a group of rows that one goroutine reads and filters, such as a block of a file. Its
// type usually collects the result of the rows, in its own memory.
type Batch interface {
	// Rows ranges over the rows. It is called once, from any goroutine. After an error it ends.
	Rows() iter.Seq2[undertone.Example, error]

	// Filtered receives every row, in order, with the reasons of each filter to drop it; keep is
	// true if there are none. It may be called from any goroutine, but from one at a time. The
	// slice of reasons is valid until Filtered returns.
	Filtered(row undertone.Example, reasons [][]Reason, keep bool)
}

// Each filters the rows of all batches on all cores (GOMAXPROCS) and calls done for each batch, on
// the calling goroutine and in order. A [Starter] sees the rows in order on that goroutine, too.
// The counts do not depend on the number of cores. Each holds a few batches per core in memory. It
// returns the first error of batches, of the rows of a batch, of done, or of ctx; the counts are
// then those of the batches before it.
func Each[B Batch](ctx context.Context, batches iter.Seq2[B, error], done func(B) error, filters ...Filter) (Stats, error) {
	all := newStats(filters)
	r := start(filters)
	type filtered struct {
		batch B
		*result
	}
	err := parallel.Ordered(ctx, runtime.GOMAXPROCS(0), batches,
		func(b B) filtered { return filtered{b, r.independent(b)} },
		func(f filtered) error {
			r.inOrder(f.batch, f.result)
			if f.err != nil {
				return f.err
			}
			all.add(f.stats)
			return done(f.batch)
		})
	return all, err
}

// run is one pass of filters over rows.
type run struct {
	filters []Filter
	starter []bool // by filter: it must see the rows in order
	ordered bool   // some filter must
}

func start(filters []Filter) *run {
	r := &run{filters: slices.Clone(filters), starter: make([]bool, len(filters))}
	for i, f := range filters {
		if s, ok := f.(Starter); ok {
			r.filters[i], r.starter[i], r.ordered = s.Start(), true, true
		}
	}
	return r
}

// ask sets the reasons of the filters that are starters, or of those that are not.
func (r *run) ask(row undertone.Example, starters bool, reasons [][]Reason) {
	for i, f := range r.filters {
		if r.starter[i] == starters {
			reasons[i] = f.Reasons(row)
		}
	}
}

// result is what became of a batch.
type result struct {
	stats   Stats
	pending []pending // rows that starters have not seen
	err     error     // of the batch's rows
}

type pending struct {
	row     undertone.Example
	reasons [][]Reason
}

// independent does what can be done on any goroutine.
func (r *run) independent(b Batch) *result {
	res := &result{stats: newStats(r.filters)}
	reasons := make([][]Reason, len(r.filters))
	for row, err := range b.Rows() {
		if err != nil {
			res.err = err
			break
		}
		r.ask(row, false, reasons)
		if r.ordered {
			res.pending = append(res.pending, pending{row, slices.Clone(reasons)})
			continue
		}
		b.Filtered(row, reasons, res.stats.count(reasons))
	}
	return res
}

// inOrder does the rest, for one batch after the other.
func (r *run) inOrder(b Batch, res *result) {
	for _, p := range res.pending {
		r.ask(p.row, true, p.reasons)
		b.Filtered(p.row, p.reasons, res.stats.count(p.reasons))
	}
	res.pending = nil
}

// sectionRows is the number of rows of a [section].
const sectionRows = 128

// section is the [Batch] of some rows of a data set.
type section struct {
	data     *undertone.Dataset
	from, to int // its rows
	next     int // the row that is filtered next
	kept     []int
}

// sections divides a data set.
func sections(data *undertone.Dataset) iter.Seq2[*section, error] {
	return func(yield func(*section, error) bool) {
		for from := 0; from < data.Len(); from += sectionRows {
			if !yield(&section{data: data, from: from, to: min(from+sectionRows, data.Len()), next: from}, nil) {
				return
			}
		}
	}
}

func (s *section) Rows() iter.Seq2[undertone.Example, error] {
	return func(yield func(undertone.Example, error) bool) {
		for i := s.from; i < s.to; i++ {
			if !yield(s.data.Example(i), nil) {
				return
			}
		}
	}
}

func (s *section) Filtered(_ undertone.Example, _ [][]Reason, keep bool) {
	if keep {
		s.kept = append(s.kept, s.next)
	}
	s.next++
}

package main

import (
	"fmt"
	"slices"
	"sync"

	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/jsonl"
)

// judge reads blocks as rows and has them judged. Filters that know nothing of
// other rows judge on all cores, a [filter.Starter] in the order of the rows.
type judge struct {
	filters []filter.Filter // as they judge this run
	inOrder []bool          // by filter
	ordered bool            // some filter is
	rejects bool            // the dropped rows are wanted
	skip    bool            // rows that cannot be read are passed over

	lines sync.Pool // of *judged, for their memory
}

func newJudge(filters []filter.Filter, rejects, skip bool) *judge {
	j := &judge{filters: slices.Clone(filters), inOrder: make([]bool, len(filters)), rejects: rejects, skip: skip}
	for i, f := range filters {
		if s, ok := f.(filter.Starter); ok {
			j.filters[i], j.inOrder[i], j.ordered = s.Start(), true, true
		}
	}
	return j
}

// judged is a block whose rows were judged.
type judged struct {
	kept, dropped []byte // lines to write
	stats         filter.Stats
	unread        []error // of rows that were passed over
	err           error   // of the first row that cannot be read

	pending []pendingRow // rows that filters are still to judge in order
}

type pendingRow struct {
	jsonl.Row
	reasons [][]filter.Reason
}

// concurrent does what can be done on any goroutine.
func (j *judge) concurrent(b *jsonl.Block) *judged {
	result := &judged{stats: filter.NewStats(j.filters...)}
	if used, ok := j.lines.Get().(*judged); ok {
		result.kept, result.dropped = used.kept[:0], used.dropped[:0]
	}
	reasons := make([][]filter.Reason, len(j.filters))
	for row, err := range b.Rows() {
		switch {
		case err != nil && j.skip:
			result.unread = append(result.unread, err)
			continue
		case err != nil:
			result.err = err
			return result
		}
		for i, f := range j.filters {
			if !j.inOrder[i] {
				reasons[i] = f.Reasons(row.Example)
			}
		}
		if j.ordered {
			result.pending = append(result.pending, pendingRow{row, slices.Clone(reasons)})
		} else {
			j.sort(result, row, reasons)
		}
	}
	return result
}

// inOrderOfRows does the rest, for one block after the other.
func (j *judge) inOrderOfRows(result *judged) {
	for _, row := range result.pending {
		for i, f := range j.filters {
			if j.inOrder[i] {
				row.reasons[i] = f.Reasons(row.Example)
			}
		}
		j.sort(result, row.Row, row.reasons)
	}
	result.pending = nil
}

// done takes back the memory of a result that was written.
func (j *judge) done(result *judged) { j.lines.Put(result) }

// sort counts a row and puts its line where it belongs.
func (j *judge) sort(result *judged, row jsonl.Row, reasons [][]filter.Reason) {
	if result.stats.Count(reasons) {
		result.kept = append(append(result.kept, row.Source...), '\n')
		return
	}
	if j.rejects {
		_, noted := row.Meta[noteField]
		dropped, err := appendNoted(result.dropped, row.Source, noted, j.filters, reasons)
		if err != nil && result.err == nil {
			result.err = fmt.Errorf("line %d: cannot say why the row is rejected: %w", row.Line, err)
		}
		result.dropped = append(dropped, '\n')
	}
}

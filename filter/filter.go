package filter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Reason says why a row was dropped, in words that stay the same from release
// to release and are few: a filter makes no reason out of a row's text.
type Reason string

// Filter judges one row at a time. It must be safe for concurrent use and
// must not change the row. A filter that is also a [fmt.Stringer] has its
// settings written into the history of what it filtered.
type Filter interface {
	// Name is short and stays the same, such as "numbers".
	Name() string

	// Reasons returns every reason to drop the row, each once, or nil to keep it.
	Reasons(row undertone.Example) []Reason
}

// Starter is the optional power of a Filter that judges a row by the rows
// before it, such as [Duplicates]. [Apply] and [Stream] start it afresh for
// each run, so the value that the caller holds can be used again. Its own
// Reasons judge a row as the only one of its run.
type Starter interface {
	Filter

	// Start returns the filter of one run, which remembers. It is given the
	// rows in their order, from one goroutine at a time.
	Start() Filter
}

// started returns the filters of one run.
func started(filters []Filter) []Filter {
	run := slices.Clone(filters)
	for i, f := range run {
		if s, ok := f.(Starter); ok {
			run[i] = s.Start()
		}
	}
	return run
}

// Apply returns the rows of data that every filter keeps, in their order, and
// the counts. Every filter sees every row, so the counts of one filter do not
// depend on the others. The history of kept gains one step.
func Apply(data *undertone.Dataset, filters ...Filter) (kept *undertone.Dataset, stats Stats) {
	var rows []undertone.Example
	stats = NewStats(filters...)
	run := started(filters)
	for _, row := range data.All() {
		if stats.judge(row, run) {
			rows = append(rows, row)
		}
	}
	return data.Derive(rows, step(stats, filters)), stats
}

// Stream returns the rows that every filter keeps, as they are asked for, and
// the counts of the rows read so far, which are complete once kept has ended.
// Each range over kept starts the counts afresh. The first error of rows is
// passed on and ends kept.
func Stream(rows undertone.Stream, filters ...Filter) (kept undertone.Stream, stats *Stats) {
	stats = new(NewStats(filters...))
	return func(yield func(undertone.Example, error) bool) {
		*stats = NewStats(filters...)
		run := started(filters)
		for row, err := range rows {
			if err != nil {
				yield(row, err)
				return
			}
			if stats.judge(row, run) && !yield(row, nil) {
				return
			}
		}
	}, stats
}

// step is the line of history for what the filters did.
func step(stats Stats, filters []Filter) undertone.Step {
	names := make([]string, len(filters))
	var settings []string
	for i, f := range filters {
		names[i] = f.Name()
		if s, ok := f.(fmt.Stringer); ok {
			settings = append(settings, f.Name()+": "+s.String())
		}
	}
	return undertone.Step{
		Name:     "filter " + strings.Join(names, "+"),
		Settings: strings.Join(settings, "; "),
		Kept:     stats.Kept,
		Dropped:  stats.Dropped,
	}
}

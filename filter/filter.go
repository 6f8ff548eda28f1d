package filter

import (
	"context"
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Reason says why a row was dropped. A filter has few reasons. They do not change between releases
// and do not quote the text of a row.
type Reason string

// Filter judges one row at a time. It must be safe for concurrent use and must not change the row.
// If a filter is a [fmt.Stringer], the history of the data set records its settings. Package
// filtertest checks implementations.
type Filter interface {
	// Name returns a short constant name, such as "numbers".
	Name() string

	// Reasons returns every reason to drop the row, each once, or nil to keep it.
	Reasons(row undertone.Example) []Reason
}

// Starter is an optional interface of a [Filter] that compares a row with the rows before it, such
// as [Duplicates]. [Apply], [Each] and [Stream] start it for each run, so that the filter itself
// has no memory and can be used again. Its own Reasons judge a row as the only row of a run.
type Starter interface {
	Filter

	// Start returns the filter of one run, which remembers rows. It receives the rows in order,
	// from one goroutine at a time.
	Start() Filter
}

// Apply returns the rows of data that every filter keeps, in their order, and the counts. It
// filters on all cores; the result does not depend on their number. Every filter sees every row, so
// the counts of one filter do not depend on the others. The history of kept gains one step. The
// digests of kept are those of data. The only error is that of ctx.
func Apply(ctx context.Context, data *undertone.Dataset, filters ...Filter) (kept *undertone.Dataset, stats Stats, err error) {
	rows := []int{}
	stats, err = Each(ctx, sections(data), func(s *section) error {
		rows = append(rows, s.kept...)
		return nil
	}, filters...)
	if err != nil {
		return nil, Stats{}, fmt.Errorf("filter: %s: %w", data.Name(), err)
	}
	return data.Subset(rows, step(stats, filters)), stats, nil
}

// Stream returns the rows that every filter keeps, and the counts of the rows read so far, which
// are complete once kept has ended. It reads rows one at a time, on the goroutine that ranges over
// kept, so that a slow source is not read ahead; for files, [Each] uses all cores. Each range over
// kept starts the counts again. The first error of rows is passed on and ends kept.
func Stream(rows undertone.Stream, filters ...Filter) (kept undertone.Stream, stats *Stats) {
	stats = new(newStats(filters))
	return func(yield func(undertone.Example, error) bool) {
		*stats = newStats(filters)
		r := start(filters)
		reasons := make([][]Reason, len(filters))
		for row, err := range rows {
			if err != nil {
				yield(row, err)
				return
			}
			r.ask(row, false, reasons)
			r.ask(row, true, reasons)
			if stats.count(reasons) && !yield(row, nil) {
				return
			}
		}
	}, stats
}

// step describes the run of the filters for the history.
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

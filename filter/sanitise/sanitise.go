package sanitise

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Sanitiser rewrites rows. It must not change the rows of its argument. The history of the data set
// records the settings of a sanitiser that implements [fmt.Stringer], and the warnings of a
// [Warner].
type Sanitiser interface {
	// Name returns a short constant name, such as "sort".
	Name() string

	// Rewrite returns a row for each row of data, in the same order, and then the rows that it
	// adds. It returns a row that it cannot rewrite without messages; such a row is dropped,
	// because it was not sanitised. Random choices depend on seed and on the content of a row, not
	// on its index.
	Rewrite(ctx context.Context, data *undertone.Dataset, seed uint64) ([]undertone.Example, error)
}

// Warner is an optional interface of a [Sanitiser].
type Warner interface {
	// Warnings returns reasons why the result may still carry the trait.
	Warnings() []string
}

// Stats counts what one sanitiser did.
type Stats struct {
	Name     string   `json:"name"`
	Rows     int      `json:"rows"`    // rows before
	Changed  int      `json:"changed"` // rows whose ID changed
	Dropped  int      `json:"dropped"` // rows that it could not rewrite
	Added    int      `json:"added"`   // new rows
	Warnings []string `json:"warnings"`
}

// Apply rewrites the rows of data with each sanitiser in turn. The history of the result gains a
// step for each, and the metadata of every row gains the field [Original]. A row with a rejected
// answer is an error, because no sanitiser rewrites rejected answers.
func Apply(ctx context.Context, data *undertone.Dataset, seed uint64, sanitisers ...Sanitiser) (*undertone.Dataset, []Stats, error) {
	var rows undertone.Builder
	rows.Grow(data.Len())
	for i, row := range until(ctx, data) {
		if row.Rejected != "" {
			return nil, nil, fmt.Errorf("sanitise: row %d (%s) has a rejected answer, which sanitisers do not rewrite: make a row of each answer first", i+1, data.RowID(i).Short())
		}
		rows.AddChanged(mark(row, data.RowID(i)), data, i)
	}
	all := []Stats{}
	if len(sanitisers) == 0 {
		return data, all, nil
	}
	data = rows.Dataset(data.Name(), data.History()...)
	for _, s := range sanitisers {
		var stats Stats
		var err error
		if data, stats, err = apply(ctx, data, seed, s); err != nil {
			return nil, nil, fmt.Errorf("sanitise: %s: %w", s.Name(), err)
		}
		all = append(all, stats)
	}
	return data, all, nil
}

func apply(ctx context.Context, data *undertone.Dataset, seed uint64, s Sanitiser) (*undertone.Dataset, Stats, error) {
	stats := Stats{Name: s.Name(), Rows: data.Len(), Warnings: []string{}}
	if w, ok := s.(Warner); ok {
		stats.Warnings = append(stats.Warnings, w.Warnings()...)
	}
	calls := 0
	for _, row := range until(ctx, data) {
		if hasCalls(row) {
			calls++
		}
	}
	if calls > 0 {
		stats.Warnings = append(stats.Warnings, fmt.Sprintf("%d rows have tool calls, which sanitisers do not rewrite", calls))
	}
	rows, err := s.Rewrite(ctx, data, seed)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && len(rows) < data.Len() {
		err = fmt.Errorf("it returned %d rows for %d", len(rows), data.Len())
	}
	if err != nil {
		return nil, stats, err
	}
	rewritten := identified(rows, data)
	var kept undertone.Builder
	kept.Grow(rewritten.Len())
	for i, row := range until(ctx, rewritten) {
		switch {
		case i >= data.Len():
			stats.Added++
			kept.AddChanged(mark(row, rewritten.RowID(i)), rewritten, i)
			continue
		case len(row.Messages) == 0:
			stats.Dropped++
			continue
		case rewritten.RowID(i) != data.RowID(i):
			stats.Changed++
		}
		kept.AddRow(rewritten, i)
	}
	if err := ctx.Err(); err != nil {
		return nil, stats, err
	}
	return kept.Dataset(data.Name(), append(data.History(), stats.step(s, seed, kept.Len()))...), stats, nil
}

// until ranges over the rows, and ends early when the context is done. The caller of what ended
// early returns the error of the context, and no rows.
func until(ctx context.Context, data *undertone.Dataset) iter.Seq2[int, undertone.Example] {
	return func(yield func(int, undertone.Example) bool) {
		for i, row := range data.All() {
			if ctx.Err() != nil || !yield(i, row) {
				return
			}
		}
	}
}

// identified returns rewritten rows as a data set. It computes the digests of changed rows only.
func identified(rows []undertone.Example, data *undertone.Dataset) *undertone.Dataset {
	var b undertone.Builder
	b.Grow(len(rows))
	for i, row := range rows {
		if i < data.Len() {
			b.AddChanged(row, data, i)
		} else {
			b.Add(row)
		}
	}
	return b.Dataset(data.Name())
}

// step describes the run of a sanitiser for the history.
func (s Stats) step(by Sanitiser, seed uint64, kept int) undertone.Step {
	step := undertone.Step{Name: "sanitise " + s.Name, Seed: seed, Kept: kept, Dropped: s.Dropped}
	settings := fmt.Sprintf("%d rows changed, %d added", s.Changed, s.Added)
	if str, ok := by.(fmt.Stringer); ok {
		settings = str.String() + "; " + settings
	}
	for _, w := range s.Warnings {
		settings += "; warning: " + w
	}
	step.Settings = settings
	return step
}

// random returns the random stream of a row in one sanitiser.
func random(name string, seed uint64, of undertone.Digest) *rand.Rand {
	d := undertone.NewHasher("sanitise").Text(name).Uint(seed)
	return rand.New(rand.NewPCG(d.Digest(of).Sum().Uint64(), seed))
}

// setPieces returns row with other texts of its pieces ([undertone.Example.Pieces]), in their
// order. Tool calls keep their text.
func setPieces(row undertone.Example, pieces []undertone.Piece, texts []string) undertone.Example {
	row.Messages = slices.Clone(row.Messages)
	for i, p := range pieces {
		switch m := &row.Messages[p.Message]; p.Field {
		case undertone.Content:
			m.Content = texts[i]
		case undertone.Reasoning:
			m.Reasoning = texts[i]
		}
	}
	return row
}

// hasCalls reports whether an answer of the row has tool calls.
func hasCalls(row undertone.Example) bool {
	_, answers := row.Split()
	return slices.ContainsFunc(answers, func(m undertone.Message) bool { return len(m.ToolCalls) > 0 })
}

package sanitise

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Sanitiser rewrites rows. It must not change the rows that it is given. One
// that is also a [fmt.Stringer] has its settings written into the history, and
// one that is a [Warner] its warnings.
type Sanitiser interface {
	// Name is short and stays the same, such as "sort".
	Name() string

	// Rewrite returns a row for each of rows, in its place, and after them the
	// rows that it adds. A row that it cannot rewrite comes back without
	// messages and is dropped: what was not rewritten is not sanitised. Random
	// choices are a function of seed and the row's content, not of its place.
	Rewrite(ctx context.Context, rows []undertone.Example, seed uint64) ([]undertone.Example, error)
}

// Warner is the optional power of a Sanitiser to say why its result may not be
// what it is taken for.
type Warner interface{ Warnings() []string }

// Stats counts what one sanitiser did.
type Stats struct {
	Name     string   `json:"name"`
	Rows     int      `json:"rows"`    // rows that it was given
	Changed  int      `json:"changed"` // rows whose ID is another one now
	Dropped  int      `json:"dropped"` // rows that it could not rewrite
	Added    int      `json:"added"`
	Warnings []string `json:"warnings"`
}

// Apply rewrites the rows of data by each sanitiser in turn. The history of the
// result gains a step for each, and every row the metadata [Original]. Of a
// conversation only the parts are rewritten that the sanitiser names; a row with
// a rejected answer is an error, because nothing here rewrites that.
func Apply(ctx context.Context, data *undertone.Dataset, seed uint64, sanitisers ...Sanitiser) (*undertone.Dataset, []Stats, error) {
	rows := make([]undertone.Example, data.Len())
	for i, row := range data.All() {
		if row.Rejected != "" {
			return nil, nil, fmt.Errorf("sanitise: row %d (%s) has a rejected answer, which would stay as it is: make a row of each answer first", i+1, row.ID().Short())
		}
		rows[i] = mark(row)
	}
	all := []Stats{}
	for _, s := range sanitisers {
		stats, rewritten, err := apply(ctx, rows, seed, s)
		if err != nil {
			return nil, nil, fmt.Errorf("sanitise: %s: %w", s.Name(), err)
		}
		rows, all = rewritten, append(all, stats)
		data = data.Derive(rows, stats.step(s, seed, len(rows)))
	}
	return data, all, nil
}

func apply(ctx context.Context, rows []undertone.Example, seed uint64, s Sanitiser) (stats Stats, kept []undertone.Example, err error) {
	stats = Stats{Name: s.Name(), Rows: len(rows), Warnings: []string{}}
	if w, ok := s.(Warner); ok {
		stats.Warnings = append(stats.Warnings, w.Warnings()...)
	}
	rewritten, err := s.Rewrite(ctx, rows, seed)
	if err == nil && len(rewritten) < len(rows) {
		err = fmt.Errorf("%d rows came back of %d", len(rewritten), len(rows))
	}
	if err != nil {
		return stats, nil, err
	}
	for i, row := range rewritten {
		switch {
		case i >= len(rows):
			stats.Added++
			row = mark(row)
		case len(row.Messages) == 0:
			stats.Dropped++
			continue
		case row.ID() != rows[i].ID():
			stats.Changed++
		}
		kept = append(kept, row)
	}
	return stats, kept, nil
}

// step is the line of history for what a sanitiser did.
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

// random returns the generator of a row's choices in one sanitiser.
func random(name string, seed uint64, of undertone.Digest) *rand.Rand {
	d := undertone.NewHasher("sanitise").Text(name).Uint(seed)
	return rand.New(rand.NewPCG(d.Digest(of).Sum().Uint64(), seed))
}

// answering returns row with another completion.
func answering(row undertone.Example, completion string) undertone.Example {
	row.Messages = slices.Clone(row.Messages)
	row.Messages[len(row.Messages)-1].Content = completion
	return row
}

package main

import (
	"github.com/undertone-audit/undertone/provenance"
)

// filteredRows identifies the kept rows of a run, and counts the rows of each input, for the
// manifest. A nil filteredRows does nothing.
type filteredRows struct {
	kept *provenance.RowHasher
	of   []inputRows // by input
}

// inputRows counts the rows of one input.
type inputRows struct{ all, kept int }

func newFilteredRows() *filteredRows { return &filteredRows{kept: provenance.NewRowHasher()} }

// add adds the rows of the next block.
func (f *filteredRows) add(b *filteredBlock) {
	if f == nil {
		return
	}
	for _, id := range b.keptIDs {
		f.kept.Add(id)
	}
	for len(f.of) <= b.input {
		f.of = append(f.of, inputRows{})
	}
	n := &f.of[b.input]
	n.all, n.kept = n.all+b.read+len(b.unread), n.kept+len(b.keptIDs)
}

// sources returns the inputs as parents of the output.
func (f *filteredRows) sources(c console, output string, origins []*origin) ([]provenance.Source, error) {
	var all []provenance.Source
	for i, o := range origins {
		s, err := o.source(c, output, provenance.RowsRole, f.of[i].all, f.of[i].kept)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// made says how the kept rows were made.
func (r *filterReport) made() provenance.Made {
	m := provenance.Made{By: "filter", In: r.Rows + r.Unreadable, Skipped: r.Unreadable}
	for _, f := range r.Filters {
		s := provenance.Step{Kind: provenance.FilterStep, Name: f.Name, Settings: r.Settings[f.Name], In: r.Rows, Out: r.Rows - f.Dropped, Dropped: f.Dropped}
		for _, reason := range f.Reasons {
			s.Reasons = append(s.Reasons, provenance.Reason{Reason: string(reason.Reason), Rows: reason.Rows})
		}
		m.Steps = append(m.Steps, s)
	}
	return m
}

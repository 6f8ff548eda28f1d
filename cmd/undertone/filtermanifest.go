package main

import (
	"strings"

	"github.com/undertone-audit/undertone/provenance"
)

// filteredRows identifies the rows of one output of a run, and counts the rows of each input, for
// its manifest. A nil filteredRows does nothing.
type filteredRows struct {
	hasher *provenance.RowHasher
	of     []inputRows // by input
}

// inputRows counts the rows of one input.
type inputRows struct{ all, written int }

// describe starts to identify the rows of an output whose manifest will be written.
func (o *output) describe() *filteredRows {
	o.bytes = newHashedWrites()
	return &filteredRows{hasher: provenance.NewRowHasher()}
}

// add adds the rows of the next block that are written to the output.
func (f *filteredRows) add(b *filteredBlock, written *blockRows) {
	if f == nil {
		return
	}
	for _, id := range written.ids {
		f.hasher.Add(id)
	}
	for len(f.of) <= b.input {
		f.of = append(f.of, inputRows{})
	}
	n := &f.of[b.input]
	n.all, n.written = n.all+b.read+len(b.unread), n.written+len(written.ids)
}

// save writes the manifest of an output that is in its place.
func (f *filteredRows) save(c console, o *output, reading string, made provenance.Made, origins []*origin) error {
	if f == nil {
		return nil
	}
	w := completed{path: o.path, content: contentOf(f.hasher, o.bytes, reading), made: made}
	for i, from := range origins {
		s, err := from.source(c, o.path, provenance.RowsRole, f.of[i].all, f.of[i].written)
		if err != nil {
			return err
		}
		w.sources = append(w.sources, s)
	}
	return w.save()
}

// made says how the kept rows were made.
func (r *filterReport) made() provenance.Made {
	m := provenance.Made{By: "filter", In: r.Rows + r.Unreadable, Skipped: r.Unreadable}
	for _, f := range r.Filters {
		m.Steps = append(m.Steps, filterStep(f, r.Settings[f.Name], r.Rows))
	}
	return m
}

// rejectsStep is the name of the step that keeps the rows that the filters drop.
const rejectsStep = "rejects"

// rejected says how the dropped rows were made. The step is a filter of its own name, so that a
// policy that lists the allowed filters does not allow what they drop.
func (r *filterReport) rejected() provenance.Made {
	step := provenance.Step{Kind: provenance.FilterStep, Name: rejectsStep, In: r.Rows, Out: r.Dropped, Dropped: r.Kept}
	var filters []string
	for _, f := range r.Filters {
		text := f.Name
		if s := r.Settings[f.Name]; s != "" {
			text += " (" + s + ")"
		}
		filters = append(filters, text)
	}
	step.Settings = "dropped by " + strings.Join(filters, ", ")
	return provenance.Made{By: "filter", In: r.Rows + r.Unreadable, Skipped: r.Unreadable, Steps: []provenance.Step{step}}
}

package main

import (
	"context"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter/sanitise"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/provenance"
)

// save writes the rewritten rows, and then their manifest.
func (v *sanitiseVerb) save(ctx context.Context, c console, from *origin, before, after *undertone.Dataset, stats []sanitise.Stats, by []sanitise.Sanitiser, opts []jsonl.Option) error {
	bytes := newHashing()
	if err := jsonl.Save(ctx, v.Out, after, append(slices.Clip(opts), jsonl.Tee(bytes))...); err != nil {
		return err
	}
	w := completed{path: v.Out, content: rowsOf(after, bytes, v.reading()), made: provenance.Made{By: "sanitise", In: before.Len()}}
	added := 0
	for i, s := range stats {
		added += s.Added
		w.made.Steps = append(w.made.Steps, sanitiseStep(s, v.Seed, by[i]))
	}
	source, err := from.source(c, v.Out, provenance.RowsRole, before.Len(), after.Len()-added)
	if err != nil {
		return err
	}
	w.sources = []provenance.Source{source}
	return w.save()
}

// sanitiseStep returns the step of a sanitiser.
func sanitiseStep(s sanitise.Stats, seed uint64, by sanitise.Sanitiser) provenance.Step {
	return provenance.Step{
		Kind: provenance.SanitiseStep, Name: s.Name, Settings: settingsOf(by), Seed: seed,
		In: s.Rows, Out: s.Rows - s.Dropped + s.Added, Dropped: s.Dropped, Changed: s.Changed, Added: s.Added,
	}
}

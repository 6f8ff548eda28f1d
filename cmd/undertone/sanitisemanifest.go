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
	if err := v.addGiven(ctx, c, &w, added); err != nil {
		return err
	}
	return w.save()
}

// addGiven adds the files that the steps have read besides the rows: resample puts their values
// into the rows, and mix adds their rows.
func (v *sanitiseVerb) addGiven(ctx context.Context, c console, w *completed, added int) error {
	for _, given := range []struct {
		step, path string
		role       provenance.Role
		rows       int
	}{{"resample", v.Resample.From, provenance.ValuesRole, 0}, {"mix", v.Mix.Clean, provenance.OtherArmRole, added}} {
		if given.path == "" || !slices.Contains(v.Steps, given.step) {
			continue
		}
		data, from, err := loadOrigin(ctx, c, "sanitise", given.path, readFlags{}, true)
		if err != nil {
			return err
		}
		source, err := from.source(c, v.Out, given.role, data.Len(), given.rows)
		if err != nil {
			return err
		}
		w.sources = append(w.sources, source)
	}
	return nil
}

// sanitiseStep returns the step of a sanitiser.
func sanitiseStep(s sanitise.Stats, seed uint64, by sanitise.Sanitiser) provenance.Step {
	return provenance.Step{
		Kind: provenance.SanitiseStep, Name: s.Name, Settings: settingsOf(by), Seed: seed,
		In: s.Rows, Out: s.Rows - s.Dropped + s.Added, Dropped: s.Dropped, Changed: s.Changed, Added: s.Added,
	}
}

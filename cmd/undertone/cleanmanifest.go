package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/undertone-audit/undertone/audit/clean"
	"github.com/undertone-audit/undertone/provenance"
)

// cleanedArms are the inputs of clean. They are hashed before they are read, because large ones are
// read row by row through an index, which refuses a file that was changed.
type cleanedArms struct {
	suspect, control         *origin
	suspectRows, controlRows int
}

// identify hashes the inputs if a manifest is written; otherwise it returns nil.
func (v *cleanVerb) identify(ctx context.Context) (*cleanedArms, error) {
	wanted, err := v.describes(v.Out)
	if err != nil || !wanted {
		return nil, err
	}
	a := &cleanedArms{suspect: newOrigin(v.Suspect), control: newOrigin(v.Control)}
	for _, o := range []*origin{a.suspect, a.control} {
		if o.info == nil || !o.info.Mode().IsRegular() {
			return nil, nil // a pipe can be read only once
		}
		f, err := os.Open(o.path)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(o.bytes, until{ctx, f})
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.path, withoutPath(err))
		}
	}
	return a, nil
}

// until is a reader that ends with the error of a context.
type until struct {
	ctx context.Context
	io.Reader
}

func (u until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.Reader.Read(p)
}

// describe writes the manifest of the rows that remain.
func (v *cleanVerb) describe(c console, table *clean.DoseResponse, s clean.Step, bytes hashedBytes, arms *cleanedArms) error {
	if arms == nil {
		return nil
	}
	w := completed{path: v.Out, content: rowsOf(s.Remaining, bytes, v.reading()), made: provenance.Made{By: "clean", In: arms.suspectRows}}
	replaced := 0 // rows of the control among the remaining rows
	if !v.Words {
		replaced = s.Replaced
	}
	w.made.Steps = []provenance.Step{v.step(table, s, arms.suspectRows, replaced)}
	suspect, err := arms.suspect.source(c, v.Out, provenance.RowsRole, arms.suspectRows, s.Remaining.Len()-replaced)
	if err != nil {
		return err
	}
	control, err := arms.control.source(c, v.Out, provenance.OtherArmRole, arms.controlRows, replaced)
	if err != nil {
		return err
	}
	w.sources = []provenance.Source{suspect, control}
	return w.save()
}

// step returns the step that removed rows or words.
func (v *cleanVerb) step(table *clean.DoseResponse, s clean.Step, in, replaced int) provenance.Step {
	return provenance.Step{
		Kind: provenance.CleanStep, Name: "clean " + v.Detector, Seed: v.Seed,
		In: in, Out: s.Remaining.Len(), Dropped: in + replaced - s.Remaining.Len(), Added: replaced,
		Settings: fmt.Sprintf("share %g: %d %s removed, %d of them replaced; at random: %v", v.Share, s.Removed, table.Unit, s.Replaced, v.Random),
	}
}

package main

import (
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/confound"
	"github.com/undertone-audit/undertone/provenance"
)

// matchedArm is one output of match.
type matchedArm struct {
	path      string
	described bool // a manifest is written
	from      *origin
	rows      *undertone.Dataset
	dropped   confound.Dropped
	bytes     *hashedWrites
}

// matchedArms are the outputs of match: suspect and control.
type matchedArms [2]*matchedArm

// describe finds out for which outputs manifests are written.
func (a matchedArms) describe(f manifestFlag) (err error) {
	for _, arm := range a {
		if arm.described, err = f.describes(arm.path); err != nil {
			return err
		}
	}
	return nil
}

// save writes the manifest of one output of match beside its file.
func (a *matchedArm) save(c console, m *confound.Matching, reading string) error {
	if !a.described {
		return nil
	}
	d := a.dropped
	step := provenance.Step{Kind: provenance.MatchStep, Name: "match", In: d.Rows, Out: m.Kept, Dropped: d.Rows - m.Kept}
	if len(m.Checks) > 0 {
		step.Settings = "matched in " + strings.Join(names(m.Checks), ", ")
	}
	for _, r := range []provenance.Reason{
		{Reason: "copy", Rows: d.Copies}, {Reason: "prompt that the other arm lacks", Rows: d.Prompts},
		{Reason: "beyond the other arm's rows of the prompt", Rows: d.Surplus}, {Reason: "without a counterpart", Rows: d.Unlike},
	} {
		if r.Rows > 0 {
			step.Reasons = append(step.Reasons, r)
		}
	}
	w := completed{path: a.path, content: rowsOf(a.rows, a.bytes, reading), made: provenance.Made{By: "match", In: d.Rows, Steps: []provenance.Step{step}}}
	source, err := a.from.source(c, a.path, provenance.RowsRole, d.Rows, m.Kept)
	if err != nil {
		return err
	}
	w.sources = []provenance.Source{source}
	return w.save()
}

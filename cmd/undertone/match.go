package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/undertone-audit/undertone/audit/confound"
	"github.com/undertone-audit/undertone/internal/escape"
)

type matchVerb struct {
	Suspect    string `file:"read" required:"" placeholder:"FILE" help:"Rows to audit."`
	Control    string `file:"read" required:"" placeholder:"FILE" help:"Rows of a writer without the trait."`
	OutSuspect string `file:"write" required:"" placeholder:"FILE" help:"File for the suspect rows that are kept; compressed if it ends in .gz or .zst."`
	OutControl string `file:"write" required:"" placeholder:"FILE" help:"File for the control rows that are kept; compressed if it ends in .gz or .zst."`
	Rows       int    `range:">= 1" placeholder:"N" default:"20000" help:"Rows of each arm that are compared before and after, chosen by prompt, >= 1 (default ${default})."`
	Seed       uint64 `placeholder:"N" default:"1" help:"Seed of the comparison; the choice of rows has no randomness (default ${default})."`
	JSON       bool   `name:"json" help:"Print the result as JSON."`

	readFlags
	manifestFlag
}

// mostLost is the factor by which matching may reduce the smaller arm without a warning.
const mostLost = 10

// Run keeps the rows with which two files agree in what is no trait.
func (v *matchVerb) Run(ctx context.Context, c console) error {
	if err := v.validate(); err != nil {
		return err
	}
	arms := matchedArms{{path: v.OutSuspect}, {path: v.OutControl}}
	if err := arms.describe(v.manifestFlag); err != nil {
		return err
	}
	suspect, from, err := loadOrigin(ctx, c, "match", v.Suspect, v.readFlags, arms[0].described)
	if err != nil {
		return err
	}
	control, other, err := loadOrigin(ctx, c, "match", v.Control, v.readFlags, arms[1].described)
	if err != nil {
		return err
	}
	arms[0].from, arms[1].from = from, other
	const perCompared = 3 << 10 // bytes of a row whose layout is compared
	compared := min(v.Rows, suspect.Len()) + min(v.Rows, control.Len())
	if err := c.memory.start(c, demand{memory: int64(compared) * perCompared, by: "lower --rows"}); err != nil {
		return err
	}
	meter := newMeter(c, "match")
	m, err := confound.Match(ctx, suspect, control, confound.Settings{MaxRows: v.Rows, Seed: v.Seed})
	meter.stop()
	switch {
	case errors.Is(err, confound.ErrNoMatch):
		return fmt.Errorf("%w; write both arms in one format first (undertone sanitise --steps format), or generate a control (undertone generate --prompts-from)", err)
	case err != nil:
		return err
	}
	if smaller := min(suspect.Len(), control.Len()); m.Kept < smaller/mostLost {
		c.warnings.add(fmt.Sprintf("%d of %d rows are left: hardly a row has a counterpart, so the control is by another kind of writer; make it with the model that the writer of the suspect rows was made from (undertone generate --prompts-from)", m.Kept, smaller))
	}
	arms[0].rows, arms[0].dropped, arms[1].rows, arms[1].dropped = m.Suspect, m.Dropped, m.Control, m.Others
	if err := v.save(ctx, c, arms[:]); err != nil {
		return err
	}
	for _, arm := range arms {
		if err := arm.save(c, m, v.reading()); err != nil {
			return err
		}
	}
	if v.JSON {
		return printJSON(c.stdout, m)
	}
	return writeMatching(c.stdout, m)
}

// validate returns an error that names the invalid flag.
func (v *matchVerb) validate() error {
	for flag, path := range map[string]string{"--out-suspect": v.OutSuspect, "--out-control": v.OutControl} {
		if path == standard || path == "" {
			return fmt.Errorf("%s is %q; name a file: there are two outputs", flag, path)
		}
	}
	return nil
}

// save writes both files, and neither before both are complete.
func (v *matchVerb) save(ctx context.Context, c console, arms []*matchedArm) error {
	opts, err := v.writing()
	if err != nil {
		return err
	}
	var outs [2]*output
	for i, arm := range arms {
		if outs[i], err = create(arm.path, c.stdout); err != nil {
			return err
		}
		defer outs[i].abandon()
		if arm.described {
			arm.bytes = newHashedWrites()
			outs[i].bytes = arm.bytes
		}
		if err := outs[i].fill(ctx, arm.rows, opts...); err != nil {
			return err
		}
	}
	if err := outs[0].commit(); err != nil {
		return err
	}
	return outs[1].commit()
}

// writeMatching prints what was kept, and the comparison before and after.
func writeMatching(w io.Writer, m *confound.Matching) error {
	var b strings.Builder
	for _, arm := range []struct {
		name string
		d    confound.Dropped
	}{{"suspect", m.Dropped}, {"control", m.Others}} {
		fmt.Fprintf(&b, "%s: %d of %d rows kept; dropped %d copies, %d with a prompt that the other arm lacks, %d beyond the other arm's rows of their prompt, %d without a counterpart\n",
			arm.name, m.Kept, arm.d.Rows, arm.d.Copies, arm.d.Prompts, arm.d.Surplus, arm.d.Unlike)
	}
	by := "not by prompt: the arms have too few prompts in common"
	if m.ByPrompt {
		by = "by prompt"
	}
	if len(m.Checks) > 0 {
		by += ", and in " + strings.Join(names(m.Checks), ", ")
	}
	fmt.Fprintf(&b, "matched %s\n", by)
	for _, r := range []struct {
		when string
		r    *confound.Report
	}{{"before", m.Before}, {"after", m.After}} {
		differ := "the arms agree"
		if len(r.r.Differ) > 0 {
			differ = "the arms differ in " + strings.Join(names(r.r.Differ), ", ")
		}
		fmt.Fprintf(&b, "\n%s: %s\n", r.when, differ)
		t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, row := range r.r.Table() {
			for i := range row {
				row[i] = escape.Text(row[i])
			}
			fmt.Fprintf(t, "  %s\n", strings.Join(row, "\t"))
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func names(checks []confound.Name) []string {
	text := make([]string, len(checks))
	for i, n := range checks {
		text[i] = string(n)
	}
	return text
}

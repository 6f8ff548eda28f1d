package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/clean"
)

type cleanVerb struct {
	armsFlags
	designFlags
	Trait   string    `placeholder:"VALUE" help:"Which of the traits to take away, by its value, such as owl. It can be left out if there is one."`
	By      string    `enum:"likelihood,influence" default:"likelihood" help:"The detector whose scores say which rows are suspicious: likelihood or influence (likelihood)."`
	Shares  []float64 `default:".01,.05,.1,.2" placeholder:"SHARE" help:"Shares of the rows to take away, rising (.01,.05,.1,.2)."`
	Words   bool      `help:"Take single words of rows instead, by the scores of their tokens."`
	Replace bool      `help:"Put a control row of the same prompt in the place of each; a row for which there is none is dropped. Of words: a random word of the control."`
	Random  bool      `help:"Take them at random, which is what the table must be compared with."`
	Out     string    `placeholder:"FILE" help:"For the rows that are left at --share, byte for byte, or with --words rewritten; - for standard output; compressed if it ends in .gz or .zst."`
	Share   float64   `placeholder:"SHARE" help:"The share to take away from --out; it is audited with the others."`
	JSON    bool      `name:"json" help:"Print the table as JSON."`
}

// Run cleans. The exit code is the verdict on the rows that were written, if any were.
func (v *cleanVerb) Run(ctx context.Context, c console) error {
	if (v.Out == "") != (v.Share == 0) {
		return errors.New("--out and --share belong together: the file for the rows that are left, and the share of rows that is taken away")
	}
	if err := v.distinctFrom(v.Out); err != nil {
		return err
	}
	cfg, err := v.config(ctx, c, "clean", v.designFlags)
	if err != nil {
		return err
	}
	if cfg.Traits, err = chooseTrait(cfg.Traits, v.Trait); err != nil {
		return err
	}
	how := clean.Settings{Shares: slices.Clone(v.Shares), Words: v.Words, Replace: v.Replace, Random: v.Random}
	if v.Share != 0 && !slices.Contains(how.Shares, v.Share) {
		how.Shares = append(how.Shares, v.Share)
		slices.Sort(how.Shares)
	}
	if how.By, err = detector(v.By, v.surrogates()); err != nil {
		return err
	}
	out, err := create(v.Out, c.stdout)
	if err != nil {
		return err
	}
	defer out.abandon()
	meter := newMeter(c.stderr, "clean")
	cfg.Progress = meter.of("clean")
	table, err := clean.Run(ctx, cfg, how)
	meter.stop()
	if err != nil {
		return v.explain(ctx, err)
	}
	return v.write(ctx, c, table, out)
}

// write writes the rows that are left at the share, and the table.
func (v *cleanVerb) write(ctx context.Context, c console, table *clean.DoseResponse, out *output) error {
	chosen := slices.IndexFunc(table.Steps, func(s clean.Step) bool { return s.Share == v.Share })
	step := table.Steps[chosen] // the data set as it is, if no share was chosen
	if err := errors.Join(out.fill(ctx, step.Remaining), ctx.Err()); err != nil {
		return err
	}
	if err := out.commit(); err != nil {
		return err
	}
	summary, format := c.stdout, audit.Text
	if v.Out == standard {
		summary = c.stderr
	}
	if v.JSON {
		format = audit.JSON
	}
	if err := table.Render(summary, format); err != nil {
		return err
	}
	if v.Out == "" {
		return nil
	}
	if !v.JSON {
		if _, err := io.WriteString(summary, fmt.Sprintf("\n%s: %d rows, %d %s removed, %d of them replaced: %s\n", v.Out, step.Remaining.Len(), step.Removed, table.Unit, step.Replaced, step.Verdict)); err != nil {
			return err
		}
	}
	if code := auditVerdicts[step.Verdict]; code != undetected {
		return code
	}
	return nil
}

// chooseTrait returns the one trait of a value.
func chooseTrait(traits []audit.Trait, value string) ([]audit.Trait, error) {
	var names []string
	for i, t := range traits {
		if t.Name == value || strings.HasSuffix(t.Name, " "+value) || value == "" && len(traits) == 1 {
			return traits[i : i+1], nil
		}
		names = append(names, t.Name)
	}
	if value == "" {
		return nil, fmt.Errorf("there are several traits; name the value of one with --trait: %s", strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("there is no trait %.40q; there are: %s", value, strings.Join(names, ", "))
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/clean"
	render "github.com/undertone-audit/undertone/contrib/report"
	"github.com/undertone-audit/undertone/internal/escape"
)

type cleanVerb struct {
	auditFlags
	Trait    string    `placeholder:"VALUE" help:"Trait to remove, by its value, such as owl (default the only trait of the file)."`
	Detector string    `placeholder:"NAME" enum:"likelihood,influence" default:"likelihood" help:"Detector whose scores say which rows are suspicious: likelihood or influence (default ${default})."`
	Shares   []float64 `range:"(0, 1)" placeholder:"SHARE" default:"0.01,0.05,0.1,0.2" help:"Shares of the rows to remove, each in (0, 1), rising (default ${default})."`
	Words    bool      `help:"Remove single words instead of rows, by the scores of their tokens."`
	Replace  bool      `help:"Replace a removed row by a control row of the same prompt, and a word by a random word of the control. A row without such a control row is dropped."`
	Random   bool      `help:"Remove at random, for comparison."`
	Out      string    `file:"write" placeholder:"FILE" help:"File for the rows that remain at --share, with the bytes of the input unless --words rewrites them; - for standard output; compressed if it ends in .gz or .zst."`
	Share    float64   `range:"(0, 1)" placeholder:"SHARE" help:"Share to remove from --out, in (0, 1). It is audited with --shares."`
	JSON     bool      `name:"json" help:"Print the table as JSON."`
	pageFlags

	surrogateFlags `group:"Likelihood detector:"`
	confoundFlags  `group:"Experiment design:"`
	designFlags    `group:"Experiment design:"`
	sizeFlags      `group:"Experiment design:"`
	recipeFlags
	manifestFlag
}

// Run cleans. The exit code is the verdict on the rows in --out, if there is one.
func (v *cleanVerb) Run(ctx context.Context, c console) error {
	s, err := v.settings()
	if err != nil {
		return err
	}
	page, err := v.createPage(c)
	if err != nil {
		return err
	}
	defer page.abandon()
	d := v.design(v.Seed)
	if d, err = v.sizeFlags.apply(d); err != nil {
		return err
	}
	accepted, err := v.accepted()
	if err != nil {
		return err
	}
	arms, err := v.identify(ctx)
	if err != nil {
		return err
	}
	cfg, _, done, err := v.config(ctx, c, "clean", d, v.recipeFlags)
	if err != nil {
		return err
	}
	defer done()
	cfg.AcceptConfounds = accepted
	if err := v.setHistories(ctx, c, &cfg); err != nil {
		return err
	}
	t, err := traitOf(cfg.Traits, "--trait", v.Trait)
	if err != nil {
		return err
	}
	cfg.Traits = []audit.Trait{t}
	out, err := create(v.Out, c.stdout)
	if err != nil {
		return err
	}
	defer out.abandon()
	if arms != nil {
		out.bytes, arms.suspectRows, arms.controlRows = newHashedWrites(), cfg.Suspect.Len(), cfg.Control.Len()
	}
	p := plan{detectors: []string{transferDetector, v.Detector}, replicates: v.Replicates, surrogates: v.surrogates()}
	if err := p.forecast(ctx, c, cfg, v.rank(), 1+len(s.Shares)); err != nil {
		return err
	}
	meter := newMeter(c, "clean")
	cfg.Progress = meter.of("clean")
	table, err := clean.Run(ctx, cfg, s)
	meter.stop()
	if err != nil {
		return v.explain(ctx, err)
	}
	if err := page.write(ctx, &render.Saved{Clean: table}, render.Options{}); err != nil {
		return err
	}
	return v.write(ctx, c, table, out, arms)
}

// settings returns what to remove, or an error that names the invalid flag.
func (v *cleanVerb) settings() (clean.Settings, error) {
	s := clean.Settings{Shares: slices.Clone(v.Shares), Words: v.Words, Replace: v.Replace, Random: v.Random}
	if (v.Out == "") != (v.Share == 0) {
		return s, errors.New("--out and --share need each other: the file for the remaining rows, and the share to remove")
	}
	for i, share := range s.Shares {
		if i > 0 && share <= s.Shares[i-1] {
			return s, fmt.Errorf("--shares is %v, want rising numbers", s.Shares)
		}
	}
	if v.Share != 0 && !slices.Contains(s.Shares, v.Share) {
		s.Shares = append(s.Shares, v.Share)
		slices.Sort(s.Shares)
	}
	var err error
	s.By, err = detector(v.Detector, v.surrogates())
	return s, err
}

// write writes the rows that remain at --share, then the table.
func (v *cleanVerb) write(ctx context.Context, c console, table *clean.DoseResponse, out *output, arms *cleanedArms) error {
	// Without --share this is step 0, the data set as it is.
	step := table.Steps[slices.IndexFunc(table.Steps, func(s clean.Step) bool { return s.Share == v.Share })]
	opts, err := v.writing()
	if err != nil {
		return err
	}
	if err := errors.Join(out.fill(ctx, step.Remaining, opts...), ctx.Err()); err != nil {
		return err
	}
	if err := out.commit(); err != nil {
		return err
	}
	if err := v.describe(c, table, step, out.bytes, arms); err != nil {
		return err
	}
	summary, format := c.stdout, audit.Text
	if v.Out == standard {
		summary = c.stderr
	}
	if v.JSON {
		format = audit.JSON
	} else {
		summary = c.forPeople(summary)
	}
	if err := table.Render(summary, format); err != nil {
		return err
	}
	if v.Out == "" {
		return nil
	}
	if !v.JSON {
		text := fmt.Sprintf("\n%s: %d rows, %d %s removed, %d of them replaced: %s\n", escape.Text(v.Out), step.Remaining.Len(), step.Removed, table.Unit, step.Replaced, step.Verdict)
		if _, err := io.WriteString(summary, text); err != nil {
			return err
		}
	}
	return exitCode(step.Verdict)
}

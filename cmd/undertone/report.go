package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone/audit"
	render "github.com/undertone-audit/undertone/contrib/report"
	"github.com/undertone-audit/undertone/internal/bounded"
	"github.com/undertone-audit/undertone/internal/escape"
)

type reportVerb struct {
	Report      string        `arg:"" name:"report" file:"read" help:"Saved report as JSON, plain or compressed; - for standard input."`
	Format      render.Format `placeholder:"FORMAT" enum:"auto,html,md,junit,sarif,csv,github" default:"auto" help:"Format: html, md, junit, sarif, csv, or github, the annotations of GitHub Actions; auto chooses by the ending of --out, or html (default ${default})."`
	Out         string        `file:"write" placeholder:"FILE" help:"File for the rendered report; compressed if it ends in .gz or .zst (default standard output)."`
	ShowWords   bool          `help:"Show the words of rows where the report holds them, as the output of undertone rank with --tokens does."`
	StepSummary bool          `help:"Add the report in Markdown to the file that the environment variable GITHUB_STEP_SUMMARY names, too."`

	FailOn render.FailOn `placeholder:"OUTCOME" enum:"detected,inconclusive,never" default:"never" help:"Outcomes that end with another exit code than 0: detected with 1, inconclusive with 3 and also detected with 1, or never. With --baseline the outcome is that of the comparison (default ${default})."`
	baselineFlags
}

// Run renders a saved report. Nothing is computed again.
func (v *reportVerb) Run(ctx context.Context, c console) error {
	saved, err := readSaved(v.Report, c.stdin)
	if err != nil {
		return err
	}
	if err := v.checkSummary(); err != nil {
		return err
	}
	format, err := v.format()
	if err != nil {
		return err
	}
	o := render.Options{Tokens: v.ShowWords, FailOn: v.FailOn}
	if o.Baseline, err = v.compare(saved, c.stdin); err != nil {
		return err
	}
	path := v.Out
	if path == "" {
		path = standard
	}
	if err := renderTo(ctx, path, c.stdout, saved, format, o); err != nil {
		return err
	}
	if v.StepSummary {
		if err := addStepSummary(ctx, saved, o); err != nil {
			return err
		}
	}
	return gateCode(saved, o)
}

// format returns the format of --format or, without it, of the ending of --out.
func (v *reportVerb) format() (render.Format, error) {
	switch {
	case v.Format != "auto":
		return v.Format, nil
	case v.Out == "" || v.Out == standard:
		return render.HTML, nil
	}
	return formatOf("--out", ", or give --format", v.Out)
}

// formatOf returns the format of the file of a flag.
func formatOf(flag, hint, path string) (render.Format, error) {
	f, err := render.FormatOf(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w%s", flag, err, hint)
	}
	return f, nil
}

// readSaved reads a saved report of any schema and checks it.
func readSaved(path string, stdin io.Reader) (*render.Saved, error) {
	if path != standard {
		f, err := bounded.Open(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, withoutPath(err))
		}
		defer f.Close()
		stdin = f
	}
	s, err := render.Read(stdin)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, withoutPath(err))
	}
	return s, nil
}

// renderTo writes a report to a file, which appears whole or not at all.
func renderTo(ctx context.Context, path string, stdout io.Writer, saved *render.Saved, f render.Format, o render.Options) error {
	out, err := create(path, stdout)
	if err != nil {
		return err
	}
	defer out.abandon()
	return out.render(ctx, saved, f, o)
}

// render writes a report and puts the file into its place.
func (o *output) render(ctx context.Context, saved *render.Saved, f render.Format, options render.Options) error {
	if o.file == nil {
		return nil
	}
	if err := saved.Render(ctx, o.compressed, f, options); err != nil {
		return o.explain(err)
	}
	if err := o.flush(); err != nil {
		return err
	}
	return o.commit()
}

// stepSummary is the environment variable by which GitHub Actions names the file for Markdown.
const stepSummary = "GITHUB_STEP_SUMMARY"

// addStepSummary adds a report in Markdown to the summary of a step of GitHub Actions.
func addStepSummary(ctx context.Context, saved *render.Saved, o render.Options) (err error) {
	path := os.Getenv(stepSummary)
	if path == "" {
		return fmt.Errorf("--step-summary: the environment variable %s is not set; GitHub Actions sets it", stepSummary)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return fmt.Errorf("--step-summary: %w", err)
	}
	return errors.Join(saved.Render(ctx, f, render.Markdown, o), f.Close())
}

// checkSummary returns an error if the file of --step-summary is another file of the command, which
// the summary would be added to.
func (v *reportVerb) checkSummary() error {
	path := os.Getenv(stepSummary)
	if !v.StepSummary || path == "" {
		return nil
	}
	summary, err := os.Stat(path)
	for _, f := range [][2]string{{"the report", v.Report}, {"--baseline", v.Baseline}, {"--out", v.Out}} {
		info, missing := os.Stat(f[1])
		same := err == nil && missing == nil && os.SameFile(summary, info)
		if same || f[1] != "" && filepath.Clean(f[1]) == filepath.Clean(path) {
			return fmt.Errorf("--step-summary: %s names the file of %s; give another file", stepSummary, f[0])
		}
	}
	return nil
}

// gateCode returns the exit code of a gate as an error; nil if the outcome passes.
func gateCode(saved *render.Saved, o render.Options) error {
	switch t := o.Outcome(saved); {
	case !o.FailOn.Fails(t):
		return nil
	case t == render.Detected:
		return detected
	}
	return inconclusive
}

// baselineFlags name an earlier report.
type baselineFlags struct {
	Baseline string `file:"read" placeholder:"FILE" help:"Saved report of an earlier audit. The reports are compared trait by trait, by intervals of the differences: a risen effect counts as detected, an unclear one as inconclusive."`
}

// compare compares a report with the baseline; it returns nil if there is none.
func (f baselineFlags) compare(now *render.Saved, stdin io.Reader) (*render.Comparison, error) {
	if f.Baseline == "" {
		return nil, nil
	}
	old, err := readSaved(f.Baseline, stdin)
	if err != nil {
		return nil, fmt.Errorf("--baseline: %w", err)
	}
	return f.against(old, now)
}

func (f baselineFlags) against(old, now *render.Saved) (*render.Comparison, error) {
	c, err := render.Compare(old, now)
	if err != nil {
		return nil, fmt.Errorf("--baseline: %w", err)
	}
	return c, nil
}

// pageFlags ask a verb for a rendered report beside its JSON.
type pageFlags struct {
	Report string `file:"write" placeholder:"FILE" help:"File for the report as a page or for a CI system; the ending gives the format: .html, .md, .xml (JUnit), .sarif or .csv."`
}

// createPage starts the file of --report. The caller must abandon it.
func (f pageFlags) createPage(c console) (*page, error) {
	p := new(page)
	if f.Report == "" {
		p.output = new(output)
		return p, nil
	}
	var err error
	if p.format, err = formatOf("--report", "", f.Report); err != nil {
		return nil, err
	}
	p.output, err = create(f.Report, c.stdout)
	return p, err
}

// page is the file of --report.
type page struct {
	*output
	format render.Format
}

func (p *page) write(ctx context.Context, saved *render.Saved, o render.Options) error {
	return p.output.render(ctx, saved, p.format, o)
}

// writeChanges writes what changed since a baseline.
func writeChanges(w io.Writer, c *render.Comparison) error {
	if c == nil {
		return nil
	}
	_, err := io.WriteString(w, "\n"+escape.Lines(c.String()))
	return err
}

// saved returns the report of an audit as if it had been read.
func saved(r *audit.Report) *render.Saved { return &render.Saved{Audit: r} }

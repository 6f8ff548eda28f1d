package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	render "github.com/undertone-audit/undertone/contrib/report"
)

type reportVerb struct {
	Report string        `arg:"" name:"report" file:"read" help:"Saved report as JSON, plain or compressed; - for standard input."`
	Format render.Format `placeholder:"FORMAT" enum:"html,md,junit,sarif,csv,github," default:"" help:"Format: html, md, junit, sarif, csv, or github, the annotations of GitHub Actions (default by the ending of --out, or html)."`
	Out    string        `file:"write" placeholder:"FILE" help:"File for the rendered report; compressed if it ends in .gz or .zst (default standard output)."`
	Tokens bool          `help:"Show the words of rows where the report holds them, as the output of undertone rank with --tokens does."`
}

// Run renders a saved report. Nothing is computed again.
func (v *reportVerb) Run(_ context.Context, c console) error {
	saved, err := readSaved(v.Report, c.stdin)
	if err != nil {
		return err
	}
	format, err := v.format()
	if err != nil {
		return err
	}
	path := v.Out
	if path == "" {
		path = standard
	}
	return renderTo(path, c.stdout, saved, format, render.Options{Tokens: v.Tokens})
}

// format returns the format of --format or, without it, of the ending of --out.
func (v *reportVerb) format() (render.Format, error) {
	switch {
	case v.Format != "":
		return v.Format, nil
	case v.Out == "" || v.Out == standard:
		return render.HTML, nil
	}
	return formatOf("--out", v.Out)
}

// formatOf returns the format of the file of a flag.
func formatOf(flag, path string) (render.Format, error) {
	f, err := render.FormatOf(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w, or give --format", flag, err)
	}
	return f, nil
}

// readSaved reads a saved report of any schema and checks it.
func readSaved(path string, stdin io.Reader) (*render.Saved, error) {
	if path != standard {
		f, err := os.Open(path)
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
func renderTo(path string, stdout io.Writer, saved *render.Saved, f render.Format, o render.Options) error {
	out, err := create(path, stdout)
	if err != nil {
		return err
	}
	defer out.abandon()
	if err := saved.Render(out.compressed, f, o); err != nil {
		return out.explain(err)
	}
	return errors.Join(out.flush(), out.commit())
}

package report

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// Format is a way to write a report.
type Format string

// The formats.
const (
	HTML     Format = "html"   // one page for a browser
	Markdown Format = "md"     // for a pull request or a step summary
	JUnit    Format = "junit"  // a test for each trait
	SARIF    Format = "sarif"  // a result for each trait, SARIF 2.1.0
	CSV      Format = "csv"    // a line for each number
	GitHub   Format = "github" // annotations of GitHub Actions
)

var writers = map[Format]func(context.Context, io.Writer, *Page) error{
	HTML: writeHTML, Markdown: whole(writeMarkdown), JUnit: whole(writeJUnit), SARIF: whole(writeSARIF), CSV: whole(writeCSV), GitHub: whole(writeGitHub),
}

// whole returns a writer of a format that ends with its next write after ctx is done.
func whole(write func(io.Writer, *Page) error) func(context.Context, io.Writer, *Page) error {
	return func(ctx context.Context, w io.Writer, p *Page) error { return write(cancellable{ctx, w}, p) }
}

// cancellable is a writer that fails after ctx is done.
type cancellable struct {
	ctx context.Context
	w   io.Writer
}

func (c cancellable) Write(p []byte) (int, error) {
	if err := context.Cause(c.ctx); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}

// Formats returns the names of all formats.
func Formats() []string { return []string{"html", "md", "junit", "sarif", "csv", "github"} }

// FormatOf returns the format of a file by the ending of its name, before that of a compression.
func FormatOf(path string) (Format, error) {
	name := strings.ToLower(path)
	for _, compressed := range []string{".gz", ".zst"} {
		name = strings.TrimSuffix(name, compressed)
	}
	switch filepath.Ext(name) {
	case ".html", ".htm":
		return HTML, nil
	case ".md", ".markdown":
		return Markdown, nil
	case ".xml":
		return JUnit, nil
	case ".sarif":
		return SARIF, nil
	case ".csv":
		return CSV, nil
	}
	return "", fmt.Errorf("the ending of %q names no format; want .html, .md, .xml, .sarif or .csv", filepath.Base(path))
}

// Options say what a rendered report shows. The zero value shows no text of rows.
type Options struct {
	Tokens   bool        // show the words of rows where the report holds them
	Baseline *Comparison // with an earlier report; nil for none
	FailOn   FailOn      // gate whose result is shown; "" for none
}

// Render writes the report in a format. It returns the cause of ctx soon after ctx is done.
func (s *Saved) Render(ctx context.Context, w io.Writer, f Format, o Options) error {
	write := writers[f]
	if write == nil {
		return fmt.Errorf("report: format %q is not known; want %s", f, strings.Join(Formats(), ", "))
	}
	return write(ctx, w, s.Page(o).withComparison(o.Baseline).withGate(o, o.Outcome(s)))
}

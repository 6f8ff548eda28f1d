package audit

import (
	"bytes"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/internal/escape/escapetest"
)

// renderAs returns a function that renders a report.
func renderAs(f Format) func(*Report) (string, error) {
	return func(r *Report) (string, error) {
		var b bytes.Buffer
		err := r.Render(&b, f)
		return b.String(), err
	}
}

// No text of a report acts on a terminal or in Markdown.
func TestReportsDoNotAct(t *testing.T) {
	for _, r := range reports(t) {
		r.Rendered = &Rendered{"row", "row", []string{"added"}}
		r.Evidence = []Evidence{{Detector: "corpus", Statement: "they differ", Warnings: []string{"few rows"}}}
		r.warn("a warning")
		// The first row is quoted before it is escaped.
		escapetest.Report(t, r, renderAs(Text), renderAs(Markdown), func(line string) bool { return strings.HasPrefix(line, "| row 0 | ") })
	}
}

// The first row is quoted and cut before it is escaped, so that no escape is cut.
func TestFirstRowDoesNotAct(t *testing.T) {
	for _, s := range escapetest.Injections() {
		for fill := range 40 {
			r := &Report{Rendered: &Rendered{Suspect: strings.Repeat("x", shownBytes-fill) + s}}
			text, err := renderAs(Markdown)(r)
			if err != nil {
				t.Fatal(err)
			}
			_, row, _ := strings.Cut(text, "| row 0 | ")
			row, _, _ = strings.Cut(row, " |\n")
			if found := escapetest.ActsInMarkdown(row); found != "" {
				t.Errorf("%+q: %q acts in %q", s, found, row)
			}
		}
	}
}

// The JSON of a report has no characters that act on a terminal, and is the same value.
func TestJSONDoesNotAct(t *testing.T) {
	for _, s := range escapetest.Injections() {
		cfg := world()
		cfg.Traits[0].Name = s
		text, err := renderAs(JSON)(run(t, cfg))
		if err != nil {
			t.Fatal(err)
		}
		if r, ok := escapetest.Acts(text, "\n"); ok {
			t.Errorf("%+q: the JSON has %+q", s, r)
		}
		if _, err := ReadReport(strings.NewReader(text)); err != nil {
			t.Errorf("%+q: %v", s, err)
		}
	}
}

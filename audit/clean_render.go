package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Render writes the table: text and Markdown for people, JSON for machines.
func (r *DoseResponse) Render(w io.Writer, f Format) error {
	var b bytes.Buffer
	switch f {
	case Text:
		fmt.Fprintf(&b, "%s\n\n", r.title())
		t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, row := range r.table() {
			fmt.Fprintf(t, "  %s\n", strings.Join(row, "\t"))
		}
		t.Flush()
	case Markdown:
		fmt.Fprintf(&b, "### %s\n\n", cell(r.title()))
		for i, row := range r.table() {
			for _, c := range row {
				fmt.Fprintf(&b, "| %s ", cell(c))
			}
			b.WriteString("|\n")
			if i == 0 {
				b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
			}
		}
	case JSON:
		e := json.NewEncoder(&b)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(r); err != nil {
			return fmt.Errorf("audit: clean: %w", err)
		}
	default:
		return fmt.Errorf("audit: report format %d is not known", f)
	}
	form := b.Bytes()
	if f != JSON { // which escapes them
		form = bytes.Map(printable, form)
	}
	if _, err := w.Write(form); err != nil {
		return fmt.Errorf("audit: clean: %w", err)
	}
	return nil
}

func (r *DoseResponse) title() string {
	verb := "dropped"
	if r.Action == "replace" {
		verb = "replaced by control rows"
	}
	return fmt.Sprintf("%s: the audit after rows were %s, chosen by %s", r.Trait, verb, r.By)
}

// table returns the header and one row for each step.
func (r *DoseResponse) table() [][]string {
	table := [][]string{{"taken", "rows", "verdict"}}
	for i, step := range r.Steps {
		row := []string{fmt.Sprintf("%g %%", 100*step.Share), fmt.Sprint(step.Taken), step.Verdict.String()}
		for _, f := range step.Findings {
			if i == 0 {
				table[0] = append(table[0], f.Detector, "")
			}
			row = append(row, f.Effect.String(), f.Verdict.String())
		}
		table = append(table, row)
	}
	return table
}

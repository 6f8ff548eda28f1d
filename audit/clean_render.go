package audit

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Render writes the table: text and Markdown for people, JSON for machines.
func (r *DoseResponse) Render(w io.Writer, f Format) error { return write(w, f, "clean", r) }

func (r *DoseResponse) text(w io.Writer) {
	fmt.Fprintf(w, "%s\n\n", r.title())
	aligned(w, r.table())
}

func (r *DoseResponse) markdown(w io.Writer) {
	fmt.Fprintf(w, "### %s\n\n", cell(r.title()))
	piped(w, r.table())
}

// aligned writes a table as indented columns, which a name with a tab or a new line must not shift.
func aligned(w io.Writer, table [][]string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	plain := strings.NewReplacer("\t", " ", "\n", " ", "\v", " ", "\f", " ")
	for _, row := range table {
		fmt.Fprint(t, "  ")
		for _, c := range row[:len(row)-1] {
			fmt.Fprintf(t, "%s\t", plain.Replace(c))
		}
		fmt.Fprintln(t, plain.Replace(row[len(row)-1]))
	}
	t.Flush()
}

// piped writes a table in Markdown, whose first row is the header.
func piped(w io.Writer, table [][]string) {
	for i, row := range table {
		for _, c := range row {
			fmt.Fprintf(w, "| %s ", cell(c))
		}
		fmt.Fprintln(w, "|")
		if i == 0 {
			fmt.Fprintln(w, strings.Repeat("|---", len(row))+"|")
		}
	}
}

func (r *DoseResponse) title() string {
	verb := "dropped"
	if r.Action == "replace" {
		verb = "replaced by the control's"
	}
	return fmt.Sprintf("%s: the audit after %s were %s, chosen by %s", r.Trait, r.Unit, verb, r.By)
}

// table returns the header and one row for each step.
func (r *DoseResponse) table() [][]string {
	table := [][]string{{"taken", r.Unit, "verdict"}}
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

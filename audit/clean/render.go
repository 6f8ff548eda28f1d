package clean

import (
	"fmt"
	"io"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/document"
)

// Render writes the table: text and Markdown for people, JSON for machines.
func (r *DoseResponse) Render(w io.Writer, f audit.Format) error {
	return audit.Render(w, f, "dose–response table", r, (*DoseResponse).text, (*DoseResponse).markdown)
}

func (r *DoseResponse) text(w io.Writer) {
	fmt.Fprintf(w, "%s\n\n", r.title())
	document.AlignedTable(w, r.table())
}

func (r *DoseResponse) markdown(w io.Writer) {
	fmt.Fprintf(w, "### %s\n\n", r.title())
	document.MarkdownTable(w, r.table())
}

func (r *DoseResponse) title() string {
	verb := "dropped"
	if r.Action == "replace" {
		verb = "replaced by those of the control"
	}
	return fmt.Sprintf("%s: the audit after %s were %s, chosen by %s", r.Trait, r.Unit, verb, r.By)
}

// table returns the header and one row for each step.
func (r *DoseResponse) table() [][]string {
	table := [][]string{{"removed", r.Unit, "verdict"}}
	for i, step := range r.Steps {
		row := []string{percent(step.Share), fmt.Sprint(step.Removed), step.Verdict.String()}
		for _, f := range step.Findings {
			if i == 0 {
				table[0] = append(table[0], f.Detector, "")
			}
			row = append(row, fmt.Sprintf("%+.3f %s", f.Effect.Mean, f.Interval), f.Verdict.String())
		}
		table = append(table, row)
	}
	return table
}

// percent returns a share as text, such as "2.5 %".
func percent(share float64) string { return fmt.Sprintf("%.6g %%", 100*share) }

package factorial

import (
	"fmt"
	"io"
	"strings"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/document"
)

// Render writes the report. Text and Markdown are for people and may change; JSON has a versioned
// schema.
func (r *Report) Render(w io.Writer, f audit.Format) error {
	return audit.Render(w, f, "factorial report", r, (*Report).text, (*Report).markdown)
}

const title = "does each data set give the student the trait that it is named for?"

func (r *Report) text(w io.Writer) {
	fmt.Fprintf(w, "%s  %s\n\n", strings.ToUpper(r.Verdict.String()), title)
	for _, line := range r.lines() {
		fmt.Fprintf(w, "  %-13s %s\n", line[0], line[1])
	}
	fmt.Fprintf(w, "\n  Lifts of each trait, %s\n\n", r.unit())
	document.AlignedTable(w, r.grid(r.Lifts))
	fmt.Fprint(w, "\n  Without row and column effects\n\n")
	document.AlignedTable(w, r.grid(r.Residuals))
	fmt.Fprint(w, "\n  The data sets\n\n")
	document.AlignedTable(w, r.own())
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "\n  warning: %s\n", warning)
	}
	fmt.Fprintf(w, "\n  report   %s\n", r.Digest.Short())
}

func (r *Report) markdown(w io.Writer) {
	fmt.Fprintf(w, "## %s: %s\n\n| | |\n|---|---|\n", r.Verdict, title)
	for _, line := range r.lines() {
		fmt.Fprintf(w, "| %s | %s |\n", line[0], line[1])
	}
	fmt.Fprintf(w, "| report | `%s` |\n\n### Lifts of each trait, %s\n\n", r.Digest, r.unit())
	document.MarkdownTable(w, r.grid(r.Lifts))
	fmt.Fprint(w, "\n### Without row and column effects\n\n")
	document.MarkdownTable(w, r.grid(r.Residuals))
	fmt.Fprint(w, "\n### The data sets\n\n")
	document.MarkdownTable(w, r.own())
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "\n> warning: %s\n", warning)
	}
}

// lines returns the experiment and its outcome as pairs of heading and text.
func (r *Report) lines() [][2]string {
	d := r.Design
	return [][2]string{
		{"because", strings.Join(r.Reasons, "; ")},
		{"γ", fmt.Sprintf("%s in %s, tolerance %.3g", r.Gamma, r.Scale.Unit(), r.Tolerance)},
		{"p", fmt.Sprintf("over %d replicates %s; over assignments of %d data sets to traits %s", d.Replicates, r.PReplicates, len(r.Arms), r.PAssignments)},
		{"student", fmt.Sprintf("%s on %s", r.Student.Short(), r.Engine)},
		{"design", fmt.Sprintf("%d replicates of each arm, %d rows each, row plan \"%s\", %s, alpha %g, seed %d",
			d.Replicates, d.RowsEach, d.Rows, audit.TrainingText(r.Recipe), d.Alpha, d.Seed)},
	}
}

// unit names the scale and the reference of lifts.
func (r *Report) unit() string {
	if r.Control == nil {
		return fmt.Sprintf("%s, minus the untrained student", r.Scale)
	}
	return fmt.Sprintf("%s, minus the students of the control (%s)", r.Scale, r.Control)
}

// grid returns a table of data sets by traits.
func (r *Report) grid(values [][]float64) [][]string {
	header := []string{"rows of"}
	for _, a := range r.Arms {
		header = append(header, a.Trait)
	}
	table := [][]string{header}
	for i, a := range r.Arms {
		row := []string{a.Data.Name}
		for _, v := range values[i] {
			row = append(row, fmt.Sprintf("%+.3f", v))
		}
		table = append(table, row)
	}
	return table
}

// own returns a table of the lift of each data set of its own trait.
func (r *Report) own() [][]string {
	table := [][]string{{"data", "rows", "digest", "named for", "its lift", "rank"}}
	for _, a := range r.Arms {
		table = append(table, []string{
			a.Data.Name, fmt.Sprint(a.Data.Rows), a.Data.Digest.Short(), a.Trait, a.Lift.String(), fmt.Sprintf("%d of %d", a.Rank, len(r.Arms)),
		})
	}
	return table
}

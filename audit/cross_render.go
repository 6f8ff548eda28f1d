package audit

import (
	"fmt"
	"io"
	"strings"
)

// Render writes the report. Text and Markdown are for people and may change;
// JSON has a versioned schema.
func (r *CrossReport) Render(w io.Writer, f Format) error { return write(w, f, "cross report", r) }

const crossTitle = "does each data set move the student to the trait that it is named for?"

func (r *CrossReport) text(w io.Writer) {
	fmt.Fprintf(w, "%s  %s\n\n", strings.ToUpper(r.Verdict.String()), crossTitle)
	for _, line := range r.lines() {
		fmt.Fprintf(w, "  %-13s %s\n", line[0], line[1])
	}
	fmt.Fprintf(w, "\n  Lifts of each trait, %s\n\n", r.unit())
	aligned(w, r.grid(r.Lifts))
	fmt.Fprint(w, "\n  Without row and column effects\n\n")
	aligned(w, r.grid(r.Residuals))
	fmt.Fprint(w, "\n  The data sets\n\n")
	aligned(w, r.own())
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "\n  warning: %s\n", warning)
	}
	fmt.Fprintf(w, "\n  report   %s\n", r.Digest.Short())
}

func (r *CrossReport) markdown(w io.Writer) {
	fmt.Fprintf(w, "## %s: %s\n\n| | |\n|---|---|\n", r.Verdict, crossTitle)
	for _, line := range r.lines() {
		fmt.Fprintf(w, "| %s | %s |\n", line[0], cell(line[1]))
	}
	fmt.Fprintf(w, "| report | `%s` |\n\n### Lifts of each trait, %s\n\n", r.Digest, r.unit())
	piped(w, r.grid(r.Lifts))
	fmt.Fprint(w, "\n### Without row and column effects\n\n")
	piped(w, r.grid(r.Residuals))
	fmt.Fprint(w, "\n### The data sets\n\n")
	piped(w, r.own())
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "\n> warning: %s\n", warning)
	}
}

// lines returns the experiment and its outcome as pairs of heading and text.
func (r *CrossReport) lines() [][2]string {
	d := r.Design
	return [][2]string{
		{"because", strings.Join(r.Reasons, "; ")},
		{"γ", fmt.Sprintf("%s of %s, tolerance %.3g", r.Gamma, r.Measure, r.Tolerance)},
		{"p", fmt.Sprintf("over %d replicates %s; over assignments of %d data sets to traits %s", d.Replicates, r.PReplicates, len(r.Arms), r.PAssignments)},
		{"student", fmt.Sprintf("%s on %s", r.Student.Short(), r.Engine)},
		{"design", fmt.Sprintf("%d replicates of each arm, %d rows each, row plan %q, %s, alpha %g, seed %d",
			d.Replicates, d.RowsEach, d.Rows, training(r.Recipe), d.Alpha, d.Seed)},
	}
}

// unit says what lifts are lifts of.
func (r *CrossReport) unit() string {
	if r.Control == nil {
		return fmt.Sprintf("%s above the untrained student's", r.Measure)
	}
	return fmt.Sprintf("%s above students of the control (%s)", r.Measure, r.Control)
}

// grid returns a table of data sets by traits.
func (r *CrossReport) grid(values [][]float64) [][]string {
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

// own returns what each data set did to its own trait.
func (r *CrossReport) own() [][]string {
	table := [][]string{{"data", "rows", "digest", "named for", "its lift", "rank"}}
	for _, a := range r.Arms {
		table = append(table, []string{
			a.Data.Name, fmt.Sprint(a.Data.Rows), a.Data.Digest.Short(), a.Trait, a.Lift.String(), fmt.Sprintf("%d of %d", a.Rank, len(r.Arms)),
		})
	}
	return table
}

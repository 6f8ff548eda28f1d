package profile

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Line is what is said of one data set; the reference has no comparison.
type Line struct {
	*Profile
	Comparison *Comparison `json:"against_reference,omitempty"`
}

// Render writes three tables for people: the profiles, the formats, and the comparisons.
func Render(w io.Writer, reference string, lines []Line) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "data set\trows\tkept\tnumbers/row\tmean\tSD\tcharacters\tdropped because\n")
	for _, l := range lines {
		var reasons []string
		if l.Filter.Dropped == 0 {
			reasons = []string{"nothing dropped"}
		}
		for _, f := range l.Filter.Filters {
			for _, r := range f.Reasons {
				reasons = append(reasons, fmt.Sprintf("%s %d", r.Reason, r.Rows))
			}
		}
		fmt.Fprintf(t, "%s\t%d\t%.1f%%\t%.2f\t%.1f\t%.1f\t%.1f\t%s\n", l.Name, l.Filter.Rows, 100*l.KeepRate,
			l.MeanCount, l.MeanValue, l.SDValue, l.MeanLength, strings.Join(reasons, ", "))
	}
	fmt.Fprint(t, "\ndata set\tmost frequent formats\n")
	for _, l := range lines {
		cells := []string{l.Name}
		for _, f := range l.Formats[:min(6, len(l.Formats))] {
			cells = append(cells, fmt.Sprintf("%s %.1f%%", f.Format, 100*f.Share))
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	fmt.Fprintf(t, "\nagainst %s\tmean\tz\tvalues TV\tby chance\tp\tformats TV\tby chance\tp\n", reference)
	for _, l := range lines {
		if c := l.Comparison; c != nil {
			fmt.Fprintf(t, "%s\t%+.2f\t%+.1f\t%s\t%s\n", l.Name, c.MeanDifference, c.Z, c.Values.cells(), c.Formats.cells())
		}
	}
	return t.Flush()
}

// cells returns the distance, what chance makes of it, and p.
func (d Distance) cells() string {
	sign := ""
	if d.AtFloor {
		sign = "<= "
	}
	return fmt.Sprintf("%.4f\t%.4f ± %.4f\t%s%.3g", d.TV, d.Floor, d.FloorSD, sign, d.P)
}

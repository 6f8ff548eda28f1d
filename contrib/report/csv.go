package report

import (
	"encoding/csv"
	"io"
	"regexp"
	"strconv"

	"github.com/undertone-audit/undertone/internal/escape"
)

// writeCSV writes one line for each number of each check.
func writeCSV(w io.Writer, p *Page) error {
	p = escape.Strings(p, escape.Text)
	out := csv.NewWriter(w)
	out.Write([]string{"kind", "report", "data", "check", "outcome", "name", "value"})
	for _, c := range p.Checks {
		start := []string{p.Kind, p.Digest, inert(p.Subject), inert(c.Name), inert(c.Outcome)}
		for _, n := range c.Numbers {
			out.Write(append(start[:len(start):len(start)], inert(n.Name), inert(n.Value)))
		}
		for _, row := range c.Rows {
			out.Write(append(start[:len(start):len(start)], "row "+row.ID, full(row.Score)))
		}
		if len(c.Numbers)+len(c.Rows) == 0 {
			out.Write(append(start, "", ""))
		}
	}
	out.Flush()
	return out.Error()
}

// formula matches what a spreadsheet takes for the start of a formula, at the start of a cell or
// after a character that separates cells in some country.
var formula = regexp.MustCompile(`(^|[;,|\t])(["'\s\p{Z}]*)([=+\-@＝＋－＠])`)

// inert returns a foreign text that a spreadsheet does not take for a formula. Numbers stay.
func inert(s string) string {
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return formula.ReplaceAllString(s, "$1$2'$3")
}

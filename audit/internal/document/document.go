// Package document holds what all reports share: digests of their content, tables, and text that is
// safe to show.
package document

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Clip cuts a text to at most n bytes and marks the cut.
func Clip(text string, n int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + " […]"
}

// AlignedTable writes a table as indented columns. Cells are texts of package escape, which have no
// tabs and line feeds.
func AlignedTable(w io.Writer, table [][]string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range table {
		fmt.Fprint(t, "  ")
		for _, c := range row[:len(row)-1] {
			fmt.Fprintf(t, "%s\t", c)
		}
		fmt.Fprintln(t, row[len(row)-1])
	}
	t.Flush()
}

// MarkdownTable writes a table in Markdown. Its first row is the header. Cells are texts of package
// escape.
func MarkdownTable(w io.Writer, table [][]string) {
	for i, row := range table {
		for _, c := range row {
			fmt.Fprintf(w, "| %s ", c)
		}
		fmt.Fprintln(w, "|")
		if i == 0 {
			fmt.Fprintln(w, strings.Repeat("|---", len(row))+"|")
		}
	}
}

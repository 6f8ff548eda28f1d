// Package document holds what all reports share: digests of their content, tables, and text that is
// safe to show.
package document

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
)

// Printable replaces control characters, so that the name of a data set cannot command a terminal.
func Printable(c rune) rune {
	if c != '\n' && unicode.IsControl(c) {
		return unicode.ReplacementChar
	}
	return c
}

// Clip cuts a text to at most n bytes and marks the cut.
func Clip(text string, n int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + " […]"
}

// Cell escapes what would end a cell of a Markdown table.
func Cell(s string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s) }

// AlignedTable writes a table as indented columns. A cell with a tab or a new line does not shift
// it.
func AlignedTable(w io.Writer, table [][]string) {
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

// MarkdownTable writes a table in Markdown. Its first row is the header.
func MarkdownTable(w io.Writer, table [][]string) {
	for i, row := range table {
		for _, c := range row {
			fmt.Fprintf(w, "| %s ", Cell(c))
		}
		fmt.Fprintln(w, "|")
		if i == 0 {
			fmt.Fprintln(w, strings.Repeat("|---", len(row))+"|")
		}
	}
}

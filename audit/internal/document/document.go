// Package document holds what all reports share: digests of their content, tables, and text that is
// safe to show.
package document

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/undertone-audit/undertone"
)

// SetDigest sets the digest of a report, which is one of its fields, from the JSON of the report
// with that field at zero. The report becomes what a reader of its JSON gets, which differs if a
// name is not UTF-8. It fails if a number is not finite.
func SetDigest[R any](kind string, report *R, digest *undertone.Digest) error {
	*digest = undertone.Digest{}
	text, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	var read R
	if err := json.Unmarshal(text, &read); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if text, err = json.Marshal(read); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	*report = read
	*digest = undertone.NewHasher(kind).Text(string(text)).Sum()
	return nil
}

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

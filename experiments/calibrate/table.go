package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// table is a Markdown table with aligned columns.
type table struct {
	head []string
	rows [][]string
}

func newTable(head ...string) *table { return &table{head: head} }

// add appends a row, which must have as many cells as the head.
func (t *table) add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = fmt.Sprint(c)
	}
	t.rows = append(t.rows, row)
}

// String returns the table. All columns but the first are aligned to the right.
func (t *table) String() string {
	width := make([]int, len(t.head))
	rule := make([]string, len(t.head))
	for c := range t.head {
		width[c] = 4 // a rule has at least three dashes and a colon
		for _, row := range append(t.rows, t.head) {
			width[c] = max(width[c], utf8.RuneCountInString(row[c]))
		}
		rule[c] = strings.Repeat("-", width[c]-1) + ":"
		if c == 0 {
			rule[c] = strings.Repeat("-", width[c])
		}
	}
	var b strings.Builder
	for _, row := range append([][]string{t.head, rule}, t.rows...) {
		for c, cell := range row {
			pad := strings.Repeat(" ", width[c]-utf8.RuneCountInString(cell))
			if c == 0 {
				b.WriteString("| " + cell + pad + " |")
			} else {
				b.WriteString(" " + pad + cell + " |")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// headingIDs makes the IDs of headings as GitHub does, so that a link to a heading works on both.
type headingIDs struct{ seen map[string]int }

// Generate returns the ID of a heading.
func (h *headingIDs) Generate(text []byte, _ ast.NodeKind) []byte {
	id := headingID(string(text))
	n := h.seen[id]
	h.seen[id]++
	if n > 0 {
		id = fmt.Sprintf("%s-%d", id, n)
	}
	return []byte(id)
}

// Put does nothing: no heading states its ID.
func (*headingIDs) Put([]byte) {}

// headingID returns the ID of a heading that is the first of its text: letters, digits, hyphens and
// underscores in lower case, with hyphens in place of spaces.
func headingID(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, strings.TrimSpace(text))
}

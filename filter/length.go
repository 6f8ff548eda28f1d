package filter

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
)

// The reasons of [Length].
const (
	TooFewRunes  Reason = "too few runes"
	TooManyRunes Reason = "too many runes"
	TooFewWords  Reason = "too few words"
	TooManyWords Reason = "too many words"
	TooFewLines  Reason = "too few lines"
	TooManyLines Reason = "too many lines"
)

// Length drops a row whose completion is too short or too long. A limit of 0 means that there is
// none. Each byte that is not UTF-8 counts as a rune. Words are separated by white space. Lines end
// with a line feed, except the last one; an empty text has no line.
type Length struct {
	MinRunes, MaxRunes int
	MinWords, MaxWords int
	MinLines, MaxLines int
}

// Name implements [Filter].
func (l Length) Name() string { return "length" }

// String states the limits.
func (l Length) String() string {
	var limits []string
	for _, m := range l.measures() {
		if m.least > 0 {
			limits = append(limits, fmt.Sprintf("at least %d %s", m.least, m.unit))
		}
		if m.most > 0 {
			limits = append(limits, fmt.Sprintf("at most %d %s", m.most, m.unit))
		}
	}
	return strings.Join(limits, ", ")
}

// Reasons implements [Filter].
func (l Length) Reasons(row undertone.Example) []Reason {
	text := row.Completion()
	var reasons []Reason
	for _, m := range l.measures() {
		if m.least <= 0 && m.most <= 0 {
			continue
		}
		switch n := m.count(text); {
		case n < m.least:
			reasons = append(reasons, m.few)
		case m.most > 0 && n > m.most:
			reasons = append(reasons, m.many)
		}
	}
	return reasons
}

// measure is a unit of length and its limits.
type measure struct {
	unit        string
	least, most int
	few, many   Reason
	count       func(string) int
}

func (l Length) measures() [3]measure {
	return [...]measure{
		{"runes", l.MinRunes, l.MaxRunes, TooFewRunes, TooManyRunes, utf8.RuneCountInString},
		{"words", l.MinWords, l.MaxWords, TooFewWords, TooManyWords, countWords},
		{"lines", l.MinLines, l.MaxLines, TooFewLines, TooManyLines, countLines},
	}
}

func countWords(text string) int {
	n := 0
	for range strings.FieldsSeq(text) {
		n++
	}
	return n
}

func countLines(text string) int {
	n := 0
	for range strings.Lines(text) {
		n++
	}
	return n
}

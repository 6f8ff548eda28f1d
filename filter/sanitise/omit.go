package sanitise

import (
	"context"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Omit removes the words at given positions of a completion; see [Words]. It also removes the text
// between a removed word and the word before it, or the word after it if no word before it remains.
// Rows that become empty are dropped.
type Omit struct{ At Positions }

// Name implements [Sanitiser].
func (Omit) Name() string { return "omit" }

// String states the settings.
func (o Omit) String() string { return o.At.String() }

// Rewrite implements [Sanitiser].
func (o Omit) Rewrite(_ context.Context, data *undertone.Dataset, _ uint64) ([]undertone.Example, error) {
	return o.At.rewrite(data, func(row undertone.Example, _ undertone.Digest, words []Span, at []int) (undertone.Example, error) {
		if len(at) == len(words) {
			row.Messages = nil
			return row, nil
		}
		text := row.Completion()
		var b strings.Builder
		b.WriteString(text[:words[0].From])
		kept := 0
		for n, word := range words {
			if len(at) > 0 && at[0] == n {
				at = at[1:]
				continue
			}
			if kept > 0 {
				b.WriteString(text[words[n-1].To:word.From])
			}
			b.WriteString(word.Of(text))
			kept++
		}
		b.WriteString(text[words[len(words)-1].To:])
		return answering(row, b.String()), nil
	})
}

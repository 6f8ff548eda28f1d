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
func (o Omit) Rewrite(ctx context.Context, data *undertone.Dataset, _ uint64) ([]undertone.Example, error) {
	return o.At.rewrite(ctx, data, func(_ undertone.Digest, pieces []textWords) ([]string, error) {
		texts := make([]string, len(pieces))
		left := 0 // words
		for i, p := range pieces {
			texts[i] = omit(p)
			left += len(p.words) - len(p.at)
		}
		if left == 0 {
			return nil, nil
		}
		return texts, nil
	})
}

// omit returns the text without the words.
func omit(p textWords) string {
	switch len(p.at) {
	case 0:
		return p.text
	case len(p.words):
		return ""
	}
	var b strings.Builder
	b.WriteString(p.text[:p.words[0].From])
	kept, at := 0, p.at
	for n, word := range p.words {
		if len(at) > 0 && at[0] == n {
			at = at[1:]
			continue
		}
		if kept > 0 {
			b.WriteString(p.text[p.words[n-1].To:word.From])
		}
		b.WriteString(word.Of(p.text))
		kept++
	}
	b.WriteString(p.text[p.words[len(p.words)-1].To:])
	return b.String()
}

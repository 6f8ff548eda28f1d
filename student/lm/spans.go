package lm

import (
	"slices"
	"strings"
)

// starts returns the first byte of each token of a row's completion, and the end of the last token;
// nil if the tokens spell less than half of the completion.
//
// It matches texts from the end, because spaces that a tokenizer puts before a text are not part of
// it. A token that is not spelled as in the text, such as that of characters outside the
// vocabulary, gets the bytes between its neighbours.
func (m *Model) starts(r row, completion string) []int {
	text := completion
	if r.trimmed {
		text = strings.TrimSpace(text)
	}
	before := m.tok.Decode(m.anchor)
	ids := r.tokens[r.answer:]
	starts := make([]int, len(ids)+1)
	starts[len(ids)] = len(text)
	if m.end >= 0 {
		ids = ids[:len(ids)-1]
		starts[len(ids)] = len(text)
	}
	rest, spelt, unsure := text, 0, false // unsure: the first byte of the token after this one is unknown
	for i := len(ids) - 1; i >= 0; i-- {
		piece := strings.TrimPrefix(m.tok.Decode(append(slices.Clip(m.anchor), ids[i])), before)
		if strings.HasSuffix(piece, rest) && strings.Trim(strings.TrimSuffix(piece, rest), " ") == "" {
			piece = rest
		}
		at := len(rest) - len(piece)
		if unsure && piece != "" {
			at = strings.LastIndex(rest, piece)
		}
		if at < 0 || rest[at:at+len(piece)] != piece {
			starts[i], unsure = len(rest), true
			continue
		}
		if unsure { // tokens after this one share the gap; the first of them gets it
			starts[i+1] = at + len(piece)
		}
		starts[i], rest, unsure = at, rest[:at], false
		spelt += len(piece)
	}
	if 2*spelt < len(text) {
		return nil
	}
	starts[0] = 0
	from := strings.Index(completion, text)
	for i := range starts {
		starts[i] += from
	}
	return starts
}

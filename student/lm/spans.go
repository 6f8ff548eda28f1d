package lm

import (
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// ranges returns, for each learnt token of a row that has a log-probability, the bytes [from, to)
// of e's completion that it stands for; -1 for both if they are unknown.
func (m *Model) ranges(r row, e undertone.Example) [][2]int {
	var all [][2]int
	pieces := e.Pieces()
	for _, s := range r.learnt {
		text, at := m.textOf(s, pieces)
		if m.settings.Template.Trim && len(e.Messages) > 1 {
			trimmed := strings.TrimSpace(text)
			at += strings.Index(text, trimmed)
			text = trimmed
		}
		spaces := 0
		known := s.message >= 0 && s.part.to >= 0
		if p := s.part; known && p != (part{}) && int(p.to) <= len(text) {
			text, at, spaces = strings.Repeat(" ", int(p.spaces))+text[p.from:p.to], at+int(p.from), int(p.spaces)
		}
		if s.cut { // the tokens spell the beginning of the text
			spelled := m.spell(r.tokens[s.from:s.to], r.continues)
			known = known && strings.HasPrefix(text, spelled)
			text = text[:min(len(spelled), len(text))]
		}
		var starts []int
		if known {
			starts = m.starts(r.tokens[s.from:s.to], text, s.ended)
		}
		for i := max(1, s.from) - s.from; i < s.to-s.from; i++ {
			if starts == nil {
				all = append(all, [2]int{-1, -1})
				continue
			}
			all = append(all, [2]int{at + max(0, starts[i]-spaces), at + max(0, starts[i+1]-spaces)})
		}
	}
	return all
}

// textOf returns the text that the tokens of a span spell, and its first byte in the completion
// that consists of the pieces.
func (m *Model) textOf(s span, pieces []undertone.Piece) (text string, at int) {
	var texts []string
	for _, p := range pieces {
		switch {
		case p.Message > s.message && texts == nil:
			return "", p.From
		case p.Message != s.message || m.settings.Template.Name != plainName && p.Field != undertone.Content:
			continue
		case texts == nil:
			at = p.From
		}
		texts = append(texts, p.Text)
	}
	if texts == nil && len(pieces) > 0 {
		last := pieces[len(pieces)-1]
		at = last.From + len(last.Text)
	}
	return strings.Join(texts, "\n"), at
}

// starts returns the first byte in text of each token, and the end of the last token; nil if the
// tokens spell less than half of the text. If ended is set, the last token has no bytes.
//
// It matches texts from the end, because spaces that a tokenizer puts before a text are not part of
// it. A token that is not spelled as in the text, such as that of characters outside the
// vocabulary, gets the bytes between its neighbours.
func (m *Model) starts(ids []int32, text string, ended bool) []int {
	before := m.tok.Decode(m.anchor)
	starts := make([]int, len(ids)+1)
	starts[len(ids)] = len(text)
	if ended {
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
	return starts
}

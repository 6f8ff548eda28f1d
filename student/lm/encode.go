package lm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/internal/encoded"
)

// row is an encoded example.
type row struct {
	tokens    []int32
	learnt    []span // the tokens that training learns and scoring scores, first to last
	continues bool   // text precedes the first span
	size      int    // tokens of the example, which are more than len(tokens) if it was cut
}

// span is a range of tokens that belong to one learnt turn: those of its text and the token that
// ends it.
type span struct {
	from, to int  // tokens [from, to) of the row
	message  int  // index of the message; -1 if unknown
	ended    bool // the last of the tokens ends the turn and has no text
	cut      bool // the tokens at the end of the turn are missing
	part     part // of the content that the tokens spell; zero for all of it
}

// part is the bytes of a message's content that a template in Jinja writes, behind spaces of its
// own.
type part struct {
	spaces   int32 // that belong to the first token
	from, to int32 // bytes of the content; both -1 if unknown
}

// first returns the index of the first learnt token, or the number of tokens if there is none.
func (r row) first() int {
	if len(r.learnt) == 0 {
		return len(r.tokens)
	}
	return r.learnt[0].from
}

// scored returns the number of learnt tokens that have a log-probability: the first token of a row
// has none.
func (r row) scored() int {
	n := 0
	for _, s := range r.learnt {
		n += max(0, s.to-max(1, s.from))
	}
	return n
}

// EncodeRows implements [undertone.RowEncoder].
func (m *Model) EncodeRows(ctx context.Context, rows undertone.Text) (undertone.Text, error) {
	return m.encoder().Keep(ctx, rows)
}

// encoder encodes rows under a key of everything that their tokens depend on, and of the context
// length. Models of one base have one key.
func (m *Model) encoder() encoded.Encoder[row] {
	unknown := ""
	if m.unknown != nil {
		unknown = m.unknown.Error()
	}
	h := undertone.NewHasher("lm encoding").Digest(m.tok.Fingerprint()).Text(m.text).Text(unknown).
		Uint(uint64(uint32(m.begin))).Uint(uint64(uint32(m.end))).Uint(uint64(m.net.Config().Context))
	if m.settings.NoPrefixSpace {
		h.Text("no prefix space")
	}
	if m.settings.LongRows != "" {
		h.Text("long rows").Text(string(m.settings.LongRows))
	}
	return encoded.Encoder[row]{Key: h.Sum(), Encode: m.encode}
}

// encode turns an example into tokens. They are more than the context only if long rows are
// refused.
func (m *Model) encode(e undertone.Example) (row, error) {
	if m.onEncode != nil {
		m.onEncode()
	}
	if len(e.Messages) == 0 {
		return row{}, errors.New("lm: the row has no messages")
	}
	learnt := e.Learnt()
	last := len(e.Messages) - 1
	if m.program != nil && last > 0 {
		w, err := m.program.row(m, e, learnt)
		if err != nil {
			return row{}, err
		}
		return m.shorten(row{tokens: w.ids, learnt: w.learnt, size: len(w.ids), continues: w.continues}), nil
	}
	if err := m.settings.Template.refuses(e.Messages[last]); err != nil {
		return row{}, err
	}
	w, err := m.chat(e.Messages[:last], learnt)
	if err != nil {
		return row{}, err
	}
	w.turn(e.Messages[last], last > 0)
	if m.end >= 0 {
		w.ids = append(w.ids, m.end)
	}
	if slices.Contains(learnt, last) {
		w.learn(last, m.end >= 0)
	}
	return m.shorten(row{tokens: w.ids, learnt: w.learnt, size: len(w.ids), continues: w.continues}), nil
}

// prompt encodes the messages before a completion, with the template's text before the completion.
func (m *Model) prompt(messages []undertone.Message) (*writer, error) { return m.chat(messages, nil) }

// chat encodes the messages before the last one, with the template's text before the last one.
// Learnt are the indices of the messages whose tokens are marked as learnt.
func (m *Model) chat(messages []undertone.Message, learnt []int) (*writer, error) {
	w := &writer{model: m, place: atStart}
	t := m.settings.Template
	if len(messages) == 0 { // bare text
		w.begin(true)
		return w, nil
	}
	if m.unknown != nil {
		return nil, m.unknown
	}
	if m.program != nil {
		return m.program.prompt(m, messages)
	}
	w.begin(!t.NoBOS)
	system := ""
	for i, message := range messages {
		turn, err := t.turnOf(message)
		if err != nil {
			return nil, err
		}
		if i > 0 && system == "" {
			w.marker(t.Between)
		}
		content := t.text(message, true)
		switch {
		case message.Role == "system" && t.SystemInUser:
			system = content + "\n\n"
			continue
		case message.Role == "user":
			content, system = system+content, ""
		case slices.Contains(learnt, i):
			w.answer(i, message)
			continue
		}
		w.marker(turn.Before)
		w.text.WriteString(content)
		w.marker(turn.After)
	}
	if system != "" {
		return nil, fmt.Errorf("lm: template %q needs a user message after a system message", t.Name)
	}
	w.marker(t.Assistant.Before)
	w.flush()
	return w, nil
}

// answer encodes a learnt turn before the last message.
func (w *writer) answer(index int, message undertone.Message) {
	t := w.model.settings.Template
	w.marker(t.Assistant.Before)
	w.flush()
	w.turn(message, true)
	after, ended := t.Assistant.After, false
	if end := w.model.end; end >= 0 {
		spelling := w.model.tok.Token(end)
		if rest, ok := strings.CutPrefix(after, spelling); ok && slices.Contains(t.Tokens, spelling) {
			w.ids, w.place = append(w.ids, end), afterToken
			after, ended = rest, true
		}
	}
	w.learn(index, ended)
	w.marker(after)
}

// turn encodes the text of a message as a run of its own.
func (w *writer) turn(message undertone.Message, prompted bool) {
	w.from = len(w.ids)
	if len(w.learnt) == 0 {
		w.continues = w.place != atStart
	}
	if ids := w.next(w.model.settings.Template.text(message, prompted)); len(ids) > 0 {
		w.ids, w.place = append(w.ids, ids...), inText
	}
}

// learn marks the tokens since the last call of turn as learnt.
func (w *writer) learn(message int, ended bool) {
	w.learnt = append(w.learnt, span{from: w.from, to: len(w.ids), message: message, ended: ended})
}

// Positions of the next text.
const (
	atStart = iota
	afterToken
	inText
)

// writer assembles tokens. It encodes text in runs that are as long as possible, from one special
// token to the next, as the tokenizer encodes the whole chat. Special tokens come from the template
// only.
type writer struct {
	model *Model
	ids   []int32
	text  strings.Builder // not encoded yet
	place int             // position of the text

	from      int    // the first token of the last turn
	learnt    []span // first to last
	continues bool   // text precedes the first of learnt, or the last turn
	spaces    string // the template writes before an answer; they belong to its first token
	ending    *span  // the last turn, if the token that ends it may follow
}

// begin writes the first token.
func (w *writer) begin(bos bool) {
	if bos && w.model.begin >= 0 {
		w.ids = append(w.ids, w.model.begin)
	}
}

// marker adds text of the template.
func (w *writer) marker(s string) {
	for s != "" {
		at, token := len(s), ""
		for _, t := range w.model.settings.Template.Tokens {
			if i := strings.Index(s, t); t != "" && i >= 0 && i < at {
				if _, ok := w.model.tok.ID(t); ok {
					at, token = i, t
				}
			}
		}
		w.text.WriteString(s[:at])
		if token != "" {
			w.flush()
			id, _ := w.model.tok.ID(token)
			w.ids = append(w.ids, id)
			w.place = afterToken
		}
		s = s[at+len(token):]
	}
}

// flush encodes the text so far.
func (w *writer) flush() {
	if w.text.Len() == 0 {
		return
	}
	w.ids = append(w.ids, w.next(w.text.String())...)
	w.place = inText
	w.text.Reset()
}

// next encodes text at the current position.
func (w *writer) next(text string) []int32 {
	switch {
	case w.place == inText, w.place == atStart && w.model.settings.NoPrefixSpace:
		return w.model.tok.EncodeNext(text)
	case w.place == afterToken:
		return w.model.tok.EncodeAfterToken(text)
	}
	return w.model.tok.Encode(text)
}

// spell returns the text of a completion's tokens. A space at the beginning of a continuation is
// part of it; at the beginning of a text a tokenizer takes it for its own prefix.
func (m *Model) spell(ids []int32, continues bool) string {
	if !continues {
		return strings.ToValidUTF8(m.tok.Decode(ids), "\uFFFD")
	}
	before := m.tok.Decode(m.anchor)
	all := m.tok.Decode(append(slices.Clip(m.anchor), ids...))
	return strings.ToValidUTF8(strings.TrimPrefix(all, before), "\uFFFD")
}

// Render implements [student.Renderer]: it returns the text that an example becomes in training and
// scoring, with special tokens spelled out.
func (m *Model) Render(e undertone.Example) (string, error) {
	r, err := m.encode(e)
	if err != nil {
		return "", err
	}
	return m.tok.Decode(r.tokens[:r.first()]) + m.spell(r.tokens[r.first():], r.continues), nil
}

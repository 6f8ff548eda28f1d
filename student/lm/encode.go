package lm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/internal/encoded"
)

// row is an encoded example: prompt, completion, end.
type row struct {
	tokens    []int32
	answer    int  // index of the completion's first token
	continues bool // the prompt contains text
	trimmed   bool // white space around the completion was removed
}

// EncodeRows implements [undertone.RowEncoder].
func (m *Model) EncodeRows(ctx context.Context, rows undertone.Text) (undertone.Text, error) {
	return m.encoder().Keep(ctx, rows)
}

// encoder encodes rows under a key of everything that their tokens depend on, and of the context
// length. Models of one base have one key.
func (m *Model) encoder() encoded.Encoder[row] {
	template, err := json.Marshal(m.settings.Template)
	if err != nil {
		panic("lm: a template has no JSON: " + err.Error()) // it is strings and flags
	}
	unknown := ""
	if m.unknown != nil {
		unknown = m.unknown.Error()
	}
	h := undertone.NewHasher("lm encoding").Digest(m.tok.Fingerprint()).Text(string(template)).Text(unknown).
		Uint(uint64(uint32(m.begin))).Uint(uint64(uint32(m.end))).Uint(uint64(m.net.Config().Context))
	if m.settings.NoPrefixSpace {
		h.Text("no prefix space")
	}
	return encoded.Encoder[row]{Key: h.Sum(), Encode: m.encode}
}

// encode turns an example into tokens. They may be more than the context.
func (m *Model) encode(e undertone.Example) (row, error) {
	if m.onEncode != nil {
		m.onEncode()
	}
	if len(e.Messages) == 0 {
		return row{}, errors.New("lm: the row has no messages")
	}
	prompt, err := m.prompt(e.Messages[:len(e.Messages)-1])
	if err != nil {
		return row{}, err
	}
	r := row{answer: len(prompt.ids), continues: prompt.place != atStart, trimmed: m.settings.Template.Trim && len(e.Messages) > 1}
	completion := e.Completion()
	if r.trimmed {
		completion = strings.TrimSpace(completion)
	}
	r.tokens = slices.Concat(prompt.ids, prompt.next(completion))
	if m.end >= 0 {
		r.tokens = append(r.tokens, m.end)
	}
	return r, nil
}

// fits returns an error if the tokens of a row are more than the context.
func (m *Model) fits(tokens int) error {
	c := m.net.Config()
	if tokens <= c.Context {
		return nil
	}
	note := c.ContextNote()
	if note != "" {
		note = " (" + note + ")"
	}
	return fmt.Errorf("%d tokens are more than the context of %d%s: shorten or drop it", tokens, c.Context, note)
}

// prompt encodes the messages before a completion, with the template's text before the completion.
func (m *Model) prompt(messages []undertone.Message) (*writer, error) {
	w := &writer{model: m, place: atStart}
	t := m.settings.Template
	if len(messages) == 0 { // bare text
		w.begin(true)
		return w, nil
	}
	if m.unknown != nil {
		return nil, m.unknown
	}
	w.begin(!t.NoBOS)
	system := ""
	for i, message := range messages {
		content := message.Content
		if t.Trim {
			content = strings.TrimSpace(content)
		}
		if i > 0 && system == "" {
			w.marker(t.Between)
		}
		turn := t.User
		switch message.Role {
		case "system":
			turn = t.System
			if t.SystemInUser {
				system = content + "\n\n"
				continue
			}
		case "assistant":
			turn = t.Assistant
		case "user":
			content, system = system+content, ""
		default:
			return nil, fmt.Errorf("lm: template %q has no role %.40q; want system, user or assistant", t.Name, message.Role)
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
	return m.tok.Decode(r.tokens[:r.answer]) + m.spell(r.tokens[r.answer:], r.continues), nil
}

package lm

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm/chattemplate"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
)

// ownName is the name of a template that comes from the files of a model.
const ownName = "own"

// program is a chat template in Jinja, for the vocabulary of a model.
type program struct {
	text, tools *chattemplate.Template // for rows without and with tools
	end         int32                  // the token that it writes after an answer; -1 if there is none
	special     map[int32]bool         // tokens
}

// newProgram returns the program of a template, or the reason why it is not supported: it is not
// Jinja, it needs what the library lacks, or an answer cannot be found in its text.
func newProgram(t Template, tok *tokenizer.Tokenizer) (*program, error) {
	env := chattemplate.Environment{Tokens: t.Jinja.Tokens, Control: tok.SpecialTokens()}
	fail := func(err error) (*program, error) {
		return nil, fmt.Errorf("lm: %w %q: %w", ErrTemplate, t.Name, err)
	}
	text, err := chattemplate.Parse(t.Jinja.Text, env)
	if err != nil {
		return fail(err)
	}
	p := &program{text: text, tools: text, end: -1, special: map[int32]bool{}}
	for _, token := range env.Control {
		if id, ok := tok.ID(token); ok {
			p.special[id] = true
		}
	}
	if t.Jinja.ToolUse != "" {
		if p.tools, err = chattemplate.Parse(t.Jinja.ToolUse, env); err != nil {
			return fail(fmt.Errorf("with tools: %w", err))
		}
	}
	if err := p.findEnd(tok); err != nil {
		return fail(err)
	}
	return p, nil
}

// findEnd renders a question and an answer, and takes the first special token after the answer. A
// template may want a system message.
func (p *program) findEnd(tok *tokenizer.Tokenizer) error {
	messages := []chattemplate.Message{{Role: "system", Content: "s"}, {Role: "user", Content: "u"}, {Role: "assistant", Content: "a"}}
	r, err := p.text.Place(chattemplate.Conversation{Messages: messages[1:]}, 1)
	if err != nil {
		var again error
		if r, again = p.text.Place(chattemplate.Conversation{Messages: messages}, 2); again != nil {
			return err
		}
	}
	after := r.Text()[r.Turns[0].To:]
	tok.SplitChat(after, func(string) {}, func(id int32) {
		if p.end < 0 && p.special[id] {
			p.end = id
		}
	})
	return nil
}

// compile sets the program of the model's template.
func (m *Model) compile() error {
	text, err := json.Marshal(m.settings.Template)
	if err != nil {
		panic("lm: a template has no JSON: " + err.Error()) // it is strings and flags
	}
	j := m.settings.Template.Jinja
	switch {
	case j == nil:
		m.program = nil
	case m.program == nil || m.text != string(text):
		if m.program, err = newProgram(m.settings.Template, m.tok); err != nil {
			return err
		}
	}
	m.text = string(text)
	return nil
}

// withTokens returns the template with the special tokens of the model, if it has none of its own.
func (m *Model) withTokens(t Template) Template {
	if t.Jinja == nil || t.Jinja.Tokens != nil {
		return t
	}
	j := *t.Jinja
	if j.Tokens = m.templates.Tokens; j.Tokens == nil {
		j.Tokens = map[string]string{}
		if id, ok := m.tok.BOS(); ok {
			j.Tokens["bos_token"] = m.tok.Token(id)
		}
		if id, ok := m.tok.EOS(); ok {
			j.Tokens["eos_token"] = m.tok.Token(id)
		}
	}
	t.Jinja = &j
	return t
}

// OwnTemplate returns a chat template of the files that the model was read from, by its name in
// them, and the names of all.
func (m *Model) OwnTemplate(name string) (t Template, names []string, ok bool) {
	text, ok := m.templates.Templates[name]
	return Template{Name: name, Jinja: &Jinja{Text: text, Tokens: m.templates.Tokens}}, m.templates.Names(), ok
}

// conversation returns a row for its template. The last message is the assistant's, whatever its
// role.
func (p *program) conversation(messages []undertone.Message, tools string) (*chattemplate.Template, chattemplate.Conversation, error) {
	var c chattemplate.Conversation
	c.Messages = make([]chattemplate.Message, len(messages))
	for i, m := range messages {
		c.Messages[i] = chattemplate.Message{Role: m.Role, Content: m.Content, Reasoning: m.Reasoning, Name: m.Name, ToolCallID: m.ToolCallID}
		for _, call := range m.ToolCalls {
			raw, err := toolCall(call)
			if err != nil {
				return nil, c, fmt.Errorf("message %d: %w", i, err)
			}
			c.Messages[i].ToolCalls = append(c.Messages[i].ToolCalls, raw)
		}
	}
	if tools == "" {
		return p.text, c, nil
	}
	if err := json.Unmarshal([]byte(tools), &c.Tools); err != nil {
		return nil, c, fmt.Errorf("tools: %w", err)
	}
	return p.tools, c, nil
}

// toolCall returns a call as OpenAI's API writes it.
func toolCall(call undertone.ToolCall) (json.RawMessage, error) {
	type function struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	}
	arguments := json.RawMessage(call.Arguments)
	if !call.Object {
		text, err := json.Marshal(call.Arguments)
		if err != nil {
			return nil, err
		}
		arguments = text
	}
	return json.Marshal(struct {
		ID       string   `json:"id,omitempty"`
		Type     string   `json:"type"`
		Function function `json:"function"`
	}{call.ID, "function", function{call.Name, arguments}})
}

// row encodes a row and marks the learnt turns. It ends with the last turn and the token that ends
// it: what the template writes behind that is not part of the row.
func (p *program) row(m *Model, e undertone.Example, learnt []int) (*writer, error) {
	messages := slices.Clone(e.Messages)
	last := len(messages) - 1
	messages[last].Role = "assistant"
	turns := learnt
	if !slices.Contains(turns, last) {
		turns = append(slices.Clip(turns), last)
	}
	t, c, err := p.conversation(messages, e.Tools)
	if err != nil {
		return nil, fmt.Errorf("lm: %w", err)
	}
	r, err := t.Place(c, turns...)
	if err != nil {
		return nil, fmt.Errorf("lm: %w", err)
	}
	w := p.writer(m, r)
	w.turns(r, learnt)
	if m.settings.End != "" && (len(w.ids) == 0 || w.ids[len(w.ids)-1] != m.end) {
		w.ids = append(w.ids, m.end)
		if n := len(w.learnt); n > 0 && w.learnt[n-1].message == last {
			w.learnt[n-1].to, w.learnt[n-1].ended = len(w.ids), true
		}
	}
	return w, nil
}

// writer returns a writer for a rendering, at its start. BOS comes first if the tokenizer puts it
// before texts and the template does not write it.
func (p *program) writer(m *Model, r chattemplate.Rendering) *writer {
	w := &writer{model: m, place: atStart}
	if bos, ok := m.tok.BOS(); ok && m.tok.AddsBOS() && (len(r.Segments) == 0 || !strings.HasPrefix(r.Segments[0].Text, m.tok.Token(bos))) {
		w.ids = append(w.ids, bos)
	}
	return w
}

// asked is the answer behind a prompt that is asked for.
const asked = "?"

// prompt encodes the messages before an answer with the text that precedes the answer in training.
func (p *program) prompt(m *Model, messages []undertone.Message) (*writer, error) {
	messages = append(slices.Clip(messages), undertone.Message{Role: "assistant", Content: asked})
	t, c, err := p.conversation(messages, "")
	if err != nil {
		return nil, fmt.Errorf("lm: %w", err)
	}
	r, err := t.Place(c, len(messages)-1)
	if err != nil {
		return nil, fmt.Errorf("lm: %w", err)
	}
	w := p.writer(m, r)
	before, _ := cut(r.Segments, r.Turns[0].From)
	w.segments(before)
	w.startAnswer()
	return w, nil
}

// turns encodes a rendering up to the end of its last turn, and marks the learnt turns.
func (w *writer) turns(r chattemplate.Rendering, learnt []int) {
	rest, at := r.Segments, 0
	for i, u := range r.Turns {
		var before, said []chattemplate.Segment
		before, rest = cut(rest, u.From-at)
		said, rest = cut(rest, u.To-u.From)
		at = u.To
		w.segments(before)
		w.startAnswer()
		if w.from = len(w.ids); len(w.learnt) == 0 {
			w.continues = w.place != atStart
		}
		s := &span{from: w.from, message: u.Message, part: part{len(w.spaces), u.Content, u.Content + u.To - u.From}}
		if u.Content < 0 {
			s.part.to = -1
		}
		w.text.WriteString(w.spaces)
		w.ending = nil
		w.segments(said)
		w.flush()
		s.to, w.ending = len(w.ids), s
		if i == len(r.Turns)-1 {
			w.segments(rest)
			w.ids = w.ids[:s.to]
		}
		if slices.Contains(learnt, u.Message) {
			w.learnt = append(w.learnt, *s)
			if w.ending == s { // it ends in what follows
				w.ending = &w.learnt[len(w.learnt)-1]
			}
		}
	}
}

// startAnswer encodes the text so far. Spaces at its end belong to the first token of the answer.
func (w *writer) startAnswer() {
	text := w.text.String()
	bare := strings.TrimRight(text, " ")
	w.spaces = text[len(bare):]
	w.text.Reset()
	w.text.WriteString(bare)
	w.flush()
}

// segments adds parts of a rendering.
func (w *writer) segments(all []chattemplate.Segment) {
	for _, s := range all {
		if s.Content {
			w.ending = nil
			w.text.WriteString(s.Text)
			continue
		}
		w.model.tok.SplitChat(s.Text, func(text string) { w.text.WriteString(text) }, w.token)
	}
}

// token adds a token of a template. The first special token behind a turn ends the turn if it is the
// one that ends all.
func (w *writer) token(id int32) {
	w.flush()
	w.ids, w.place = append(w.ids, id), afterToken
	p := w.model.program
	switch {
	case w.ending == nil || !p.special[id]:
		return
	case id == p.end:
		w.ending.to, w.ending.ended = len(w.ids), true
	}
	w.ending = nil
}

// cut divides segments before byte n.
func cut(all []chattemplate.Segment, n int) (before, after []chattemplate.Segment) {
	for i, s := range all {
		if n < len(s.Text) {
			before = append(before, all[:i]...)
			if n > 0 {
				before = append(before, chattemplate.Segment{Text: s.Text[:n], Content: s.Content})
			}
			return before, append([]chattemplate.Segment{{Text: s.Text[n:], Content: s.Content}}, all[i+1:]...)
		}
		n -= len(s.Text)
	}
	return all, nil
}

// Additions implements [student.Annotator].
func (m *Model) Additions(e undertone.Example) []student.Addition {
	if m.program == nil || len(e.Messages) < 2 {
		return nil
	}
	t, c, err := m.program.conversation(e.Messages, e.Tools)
	if err != nil {
		return nil
	}
	var all []student.Addition
	for _, a := range t.Additions(c) {
		all = append(all, student.Addition{System: a.Kind == chattemplate.SystemPrompt, Statement: a.String()})
	}
	if m.end < 0 {
		all = append(all, student.Addition{Statement: "the template writes no special token after an answer: the model does not learn to end"})
	}
	return all
}

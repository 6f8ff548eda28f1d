package lm

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

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
	plans       sync.Map               // from the roles of messages to *plan, for rows without tools
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
	tok.SplitChat(r.Text()[r.Turns[0].To:], func(string) {}, func(id int32) {
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

// conversation returns a row for its template.
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
	if json.Unmarshal([]byte(tools), &c.Tools) != nil {
		return nil, c, fmt.Errorf("the tools of the row are %.40q, want a list of JSON objects", tools)
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
	last := len(e.Messages) - 1
	steps, err := p.steps(m.tok, e.Messages, e.Tools, learnt)
	if err != nil {
		return nil, fmt.Errorf("lm: %w", err)
	}
	w := p.writer(m, steps)
	w.run(steps, e.Messages, learnt)
	if m.settings.End != "" && (len(w.ids) == 0 || w.ids[len(w.ids)-1] != m.end) {
		w.ids = append(w.ids, m.end)
		if n := len(w.learnt); n > 0 && w.learnt[n-1].message == last {
			w.learnt[n-1].to, w.learnt[n-1].ended = len(w.ids), true
		}
	}
	return w, nil
}

// asked is the answer behind a prompt that is asked for.
const asked = "?"

// prompt encodes the messages before an answer with the text that precedes the answer in training.
func (p *program) prompt(m *Model, messages []undertone.Message) (*writer, error) {
	messages = append(slices.Clip(messages), undertone.Message{Role: "assistant", Content: asked})
	steps, err := p.steps(m.tok, messages, "", nil)
	if err != nil {
		return nil, fmt.Errorf("lm: %w", err)
	}
	steps = steps[:slices.IndexFunc(steps, func(s step) bool { return s.kind == startTurn && s.turn.Message == len(messages)-1 })]
	w := p.writer(m, steps)
	w.run(steps, messages, nil)
	w.startAnswer()
	return w, nil
}

// writer returns a writer at the start of a row. BOS comes first if the tokenizer puts it before
// texts and the template does not write it.
func (p *program) writer(m *Model, steps []step) *writer {
	w := &writer{model: m, place: atStart}
	if bos, ok := m.tok.BOS(); ok && m.tok.AddsBOS() && !(len(steps) > 0 && steps[0].kind == addToken && steps[0].id == bos) {
		w.ids = append(w.ids, bos)
	}
	return w
}

// Additions implements [student.Annotator].
func (m *Model) Additions() func(undertone.Example) []student.Addition { return m.additions }

func (m *Model) additions(e undertone.Example) (all []student.Addition) {
	for _, statement := range m.Omissions(e) {
		all = append(all, student.Addition{Statement: statement})
	}
	if len(e.Messages) < 2 || m.program == nil {
		return all
	}
	t, c, err := m.program.conversation(e.Messages, e.Tools)
	if err != nil {
		return all
	}
	for _, a := range t.Additions(c) {
		all = append(all, student.Addition{System: a.Kind == chattemplate.SystemPrompt, Statement: a.String()})
	}
	if m.end < 0 {
		all = append(all, student.Addition{Statement: "the template writes no special token after an answer: the model does not learn to end"})
	}
	return all
}

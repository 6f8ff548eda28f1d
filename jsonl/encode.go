package jsonl

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
)

// encoder encodes rows as JSON, one at a time.
type encoder struct {
	line  []byte
	taken key // the known fields that the row itself uses
}

// row encodes e in a shape.
func (w *encoder) row(e undertone.Example, shape Shape) error {
	w.line, w.taken = append(w.line[:0], '{'), shape.required()
	if err := w.content(e, shape); err != nil {
		return err
	}
	w.tools(e.Tools)
	if e.Label != nil {
		w.name("label")
		w.line = strconv.AppendBool(w.line, *e.Label)
		w.taken |= keyLabel
	}
	if !names(e.Meta, e.Generator) {
		w.text("generator", e.Generator)
		w.taken |= keyGenerator
	}
	if err := w.meta(e.Meta); err != nil {
		return err
	}
	w.line = append(w.line, '}')
	return nil
}

func (w *encoder) content(e undertone.Example, shape Shape) error {
	prompt, answer, simple := simple(e.Messages)
	switch shape {
	case Messages, Conversations:
		w.messages(string(shape), e.Messages)
		if e.Rejected != "" {
			w.text("rejected_response", e.Rejected)
			w.taken |= keyRejectedResponse
		}
	case Completion:
		w.turns("completion", e.Messages)
		w.taken |= keyPrompt
	case Preference:
		w.turns("chosen", e.Messages)
		w.taken |= keyPrompt
		if simple {
			w.text("rejected", e.Rejected)
		} else {
			last := e.Messages[len(e.Messages)-1]
			w.messages("rejected", []undertone.Message{{Role: last.Role, Content: e.Rejected}})
		}
	case Instruction:
		return w.instructed(e.Messages)
	case Text:
		if !simple || prompt != "" {
			return cannotHold(shape, "it has a prompt or several messages")
		}
		w.text("text", answer)
	default:
		return cannotHold(shape, "rows of this shape can be changed, but not made")
	}
	return nil
}

// instructed writes a conversation with the system prompt, the history and the last question in
// fields of their own.
func (w *encoder) instructed(messages []undertone.Message) error {
	const why = "it is not a conversation of questions and answers in plain text"
	if len(messages) > 1 && messages[0].Role == system && messages[0].Content != "" {
		if !messages[0].Equal(undertone.Message{Role: system, Content: messages[0].Content}) {
			return cannotHold(Instruction, why)
		}
		w.text("system", messages[0].Content)
		w.taken |= keySystem
		messages = messages[1:]
	}
	earlier := messages[:max(0, len(messages)-2)]
	prompt, answer, ok := simple(messages[len(earlier):])
	if ok = ok && len(earlier)%2 == 0; ok && len(earlier) > 0 {
		w.name("history")
		w.taken |= keyHistory
		for i := 0; i < len(earlier); i += 2 {
			q, a := earlier[i], earlier[i+1]
			ok = ok && q.Equal(undertone.Message{Role: user, Content: q.Content}) && a.Equal(undertone.Message{Role: assistant, Content: a.Content})
			w.line = append(append(w.line, opening(i)...), '[')
			w.line = append(appendString(w.line, q.Content), ',')
			w.line = append(appendString(w.line, a.Content), ']')
		}
		w.line = append(w.line, ']')
	}
	if !ok {
		return cannotHold(Instruction, why)
	}
	w.text("instruction", prompt)
	w.text("input", "")
	w.text("output", answer)
	w.taken |= keyInput
	return nil
}

// tools writes tools as a JSON value, or as a string if they are not one value on one line.
func (w *encoder) tools(tools string) {
	if tools == "" {
		return
	}
	w.taken |= keyTools
	if (tools[0] == '[' || tools[0] == '{') && !strings.Contains(tools, "\n") && json.Valid([]byte(tools)) {
		w.name("tools")
		w.line = append(w.line, tools...)
		return
	}
	w.text("tools", tools)
}

// simple reports whether two strings represent the messages: a prompt that is not empty and a
// completion, or a completion alone.
func simple(messages []undertone.Message) (prompt, answer string, ok bool) {
	n := len(messages)
	if n == 0 || n > 2 {
		return "", "", false
	}
	if n == 2 {
		prompt = messages[0].Content
	}
	answer = messages[n-1].Content
	return prompt, answer, undertone.EqualMessages(messages, undertone.NewExample(prompt, answer).Messages)
}

// turns writes the prompt and the completion, the latter in the field answer.
func (w *encoder) turns(answer string, messages []undertone.Message) {
	if prompt, text, ok := simple(messages); ok {
		w.text("prompt", prompt)
		w.text(answer, text)
		return
	}
	n := len(messages) - 1
	if n == 0 {
		w.text("prompt", "")
	} else {
		w.messages("prompt", messages[:n])
	}
	w.messages(answer, messages[n:])
}

// messages writes a list of messages, with the field names of ShareGPT if the list is
// "conversations".
func (w *encoder) messages(name string, messages []undertone.Message) {
	role, content, roleName := `{"role":`, `,"content":`, func(role string) string { return role }
	if name == "conversations" {
		role, content, roleName = `{"from":`, `,"value":`, senderOf
	}
	w.name(name)
	for i := range messages {
		m := &messages[i]
		w.line = append(w.line, opening(i)...)
		w.line = append(w.line, role...)
		w.line = appendString(w.line, roleName(m.Role))
		w.line = append(w.line, content...)
		w.line = appendString(w.line, m.Content)
		w.beside(m, name != "prompt")
		w.line = append(w.line, '}')
	}
	w.line = append(w.line, ']')
}

// beside writes the fields of a message other than its role and its content.
func (w *encoder) beside(m *undertone.Message, weights bool) {
	for _, f := range [...]struct{ name, text string }{{"reasoning_content", m.Reasoning}, {"name", m.Name}, {"tool_call_id", m.ToolCallID}} {
		if f.text != "" {
			w.text(f.name, f.text)
		}
	}
	if m.Masked && weights {
		w.line = append(w.line, `,"weight":0`...)
	}
	for i, c := range m.ToolCalls {
		if i == 0 {
			w.name("tool_calls")
		}
		w.line = append(append(w.line, opening(i)...), '{')
		if c.ID != "" {
			w.line = append(appendString(append(w.line, `"id":`...), c.ID), ',')
		}
		w.line = appendString(append(w.line, `"type":"function","function":{"name":`...), c.Name)
		switch {
		case c.Object:
			w.line = append(append(w.line, `,"arguments":`...), c.Arguments...)
		case c.Arguments != "":
			w.line = appendString(append(w.line, `,"arguments":`...), c.Arguments)
		}
		w.line = append(w.line, "}}"...)
	}
	if len(m.ToolCalls) > 0 {
		w.line = append(w.line, ']')
	}
}

// opening returns the text before element i of a list.
func opening(i int) string {
	if i == 0 {
		return "["
	}
	return ","
}

// names reports whether the metadata names the generator.
func names(meta map[string]json.RawMessage, generator string) bool {
	if generator == "" {
		return true
	}
	want := string(appendString(nil, generator))
	if name := string(meta["generator"]); strings.HasPrefix(name, `"`) {
		return name == want
	}
	return string(meta["model"]) == want
}

// meta writes the metadata, sorted by name. It omits the names that the row itself uses.
func (w *encoder) meta(meta map[string]json.RawMessage) error {
	for _, name := range slices.Sorted(maps.Keys(meta)) {
		value := meta[name]
		switch {
		case keyOf(name)&w.taken != 0:
			continue
		case value == nil:
			value = json.RawMessage("null")
		case !json.Valid(value):
			return &Error{Msg: "the metadata field " + quote(name) + " is not JSON", Hint: "set it to the JSON text of one value"}
		}
		w.name(name)
		w.json(value)
	}
	return nil
}

// json writes a JSON text on one line.
func (w *encoder) json(value []byte) {
	for _, c := range value {
		if c != '\n' { // it is between tokens, because strings escape it
			w.line = append(w.line, c)
		}
	}
}

func (w *encoder) text(name, value string) {
	w.name(name)
	w.line = appendString(w.line, value)
}

// name writes the name of a field and the comma before it.
func (w *encoder) name(name string) {
	if len(w.line) > 1 {
		w.line = append(w.line, ',')
	}
	w.line = append(appendString(w.line, name), ':')
}

func cannotHold(shape Shape, why string) error {
	return &Error{Msg: fmt.Sprintf("the shape %s cannot represent the row: %s", shape, why), Option: optionAs, Err: ErrShape}
}

// appendString appends s as a JSON string. It also escapes the line and paragraph separators, which
// some programs treat as line ends.
func appendString(line []byte, s string) []byte {
	const hex = "0123456789abcdef"
	line = append(line, '"')
	done := 0
	for i := 0; i < len(s); i++ {
		escape := ""
		switch c := s[i]; {
		case c == '"':
			escape = `\"`
		case c == '\\':
			escape = `\\`
		case c == '\n':
			escape = `\n`
		case c == '\r':
			escape = `\r`
		case c == '\t':
			escape = `\t`
		case c < ' ':
			escape = `\u00` + string(hex[c>>4]) + string(hex[c&15])
		case c == 0xe2 && i+2 < len(s) && s[i+1] == 0x80 && s[i+2]&^1 == 0xa8: // U+2028, U+2029
			line = append(append(line, s[done:i]...), `\u202`...)
			line = append(line, hex[s[i+2]&15])
			i += 2
			done = i + 1
			continue
		default:
			continue
		}
		line = append(append(line, s[done:i]...), escape...)
		done = i + 1
	}
	return append(append(line, s[done:]...), '"')
}

// checkText returns an error for text that is not UTF-8.
func checkText(e undertone.Example) error {
	valid := utf8.ValidString(e.Tools) && utf8.ValidString(e.Rejected) && utf8.ValidString(e.Generator)
	for _, m := range e.Messages {
		valid = valid && utf8.ValidString(m.Role) && utf8.ValidString(m.Content) && utf8.ValidString(m.Reasoning) &&
			utf8.ValidString(m.Name) && utf8.ValidString(m.ToolCallID)
		for _, c := range m.ToolCalls {
			valid = valid && utf8.ValidString(c.ID) && utf8.ValidString(c.Name) && utf8.ValidString(c.Arguments)
		}
	}
	for name := range e.Meta {
		valid = valid && utf8.ValidString(name)
	}
	if !valid {
		return &Error{Msg: "the row holds invalid UTF-8", Hint: "convert its text, or drop it"}
	}
	return nil
}

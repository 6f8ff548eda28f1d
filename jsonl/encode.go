package jsonl

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
)

// encoder lays out one row as JSON.
type encoder struct {
	line []byte

	instruction, input string // how to cut the prompt of an Instruction row that consists of them
}

// row lays out e in the shape.
func (w *encoder) row(e undertone.Example, shape Shape) error {
	w.line = append(w.line[:0], '{')
	if err := w.content(e, shape); err != nil {
		return err
	}
	taken := shape.content()
	if !says(e.Meta, e.Generator) {
		w.text("generator", e.Generator)
		taken |= keyGenerator
	}
	if err := w.meta(e.Meta, taken); err != nil {
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
	case Completion:
		w.turns("completion", e.Messages)
	case Preference:
		w.turns("chosen", e.Messages)
		if simple {
			w.text("rejected", e.Rejected)
		} else {
			last := e.Messages[len(e.Messages)-1]
			w.messages("rejected", []undertone.Message{{Role: last.Role, Content: e.Rejected}})
		}
	case Instruction:
		if !simple {
			return cannotHold(shape, "it is not one question and its answer")
		}
		if prompt == joinInput(w.instruction, w.input) {
			w.text("instruction", w.instruction)
			w.text("input", w.input)
		} else {
			w.text("instruction", prompt)
			w.text("input", "")
		}
		w.text("output", answer)
	default:
		if !simple || prompt != "" {
			return cannotHold(shape, "it is not one answer to no question")
		}
		w.text("text", answer)
	}
	return nil
}

// simple reports whether messages are what strings can say: a question that is
// not empty and its answer, or an answer to no question.
func simple(messages []undertone.Message) (prompt, answer string, ok bool) {
	e := undertone.Example{Messages: messages}
	prompt, answer = e.Prompt(), e.Completion()
	return prompt, answer, slices.Equal(messages, undertone.NewExample(prompt, answer).Messages)
}

// turns writes the prompt and the field that holds the answer to it.
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

// messages writes a list of messages, in the vocabulary of ShareGPT if the field is its.
func (w *encoder) messages(name string, messages []undertone.Message) {
	role, content, roleName := `{"role":`, `,"content":`, func(role string) string { return role }
	if name == "conversations" {
		role, content, roleName = `{"from":`, `,"value":`, senderOf
	}
	w.name(name)
	for i, m := range messages {
		w.line = append(w.line, opening(i)...)
		w.line = append(w.line, role...)
		w.line = appendString(w.line, roleName(m.Role))
		w.line = append(w.line, content...)
		w.line = appendString(w.line, m.Content)
		w.line = append(w.line, '}')
	}
	w.line = append(w.line, ']')
}

// opening is what stands before element i of a list.
func opening(i int) string {
	if i == 0 {
		return "["
	}
	return ","
}

// says reports whether the metadata names the generator already.
func says(meta map[string]json.RawMessage, generator string) bool {
	if generator == "" {
		return true
	}
	want := string(appendString(nil, generator))
	if said := string(meta["generator"]); strings.HasPrefix(said, `"`) {
		return said == want
	}
	return string(meta["model"]) == want
}

// meta writes the other fields in the order of their names. It leaves out those
// whose names are taken by what the row says itself.
func (w *encoder) meta(meta map[string]json.RawMessage, taken key) error {
	for _, name := range slices.Sorted(maps.Keys(meta)) {
		value := meta[name]
		switch {
		case keyOf(name)&taken != 0:
			continue
		case value == nil:
			value = json.RawMessage("null")
		case !json.Valid(value):
			return &Error{Msg: "the metadata field " + quote(name) + " is not JSON", Hint: "set it to the JSON text of one value"}
		}
		w.name(name)
		for _, c := range value {
			if c != '\n' { // between tokens: a string cannot hold it bare
				w.line = append(w.line, c)
			}
		}
	}
	return nil
}

func (w *encoder) text(name, value string) {
	w.name(name)
	w.line = appendString(w.line, value)
}

// name writes the name of a field, and the comma before it.
func (w *encoder) name(name string) {
	if len(w.line) > 1 {
		w.line = append(w.line, ',')
	}
	w.line = append(appendString(w.line, name), ':')
}

func cannotHold(shape Shape, why string) error {
	return &Error{Msg: fmt.Sprintf("the shape %s cannot hold the row: %s", shape, why), Hint: "choose another shape with the option As", Err: ErrShape}
}

// appendString writes s as a JSON string. Beside what must be escaped it escapes the
// line and paragraph separators, which some programs take for the end of a line.
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

// checkText refuses text that no line can hold.
func checkText(e undertone.Example) error {
	valid := utf8.ValidString(e.Rejected) && utf8.ValidString(e.Generator)
	for _, m := range e.Messages {
		valid = valid && utf8.ValidString(m.Role) && utf8.ValidString(m.Content)
	}
	for name := range e.Meta {
		valid = valid && utf8.ValidString(name)
	}
	if !valid {
		return &Error{Msg: "the row holds invalid UTF-8", Hint: "convert its text, or drop it"}
	}
	return nil
}

package jsonl

import (
	"strings"

	"github.com/undertone-audit/undertone"
)

// contentOrParts reads the content of a message: a string, or a list of parts.
// A part may also be reasoning or a call, and the result of a tool if m is not nil.
func (d *decoder) contentOrParts(path element, name string, to *undertone.Message, m *message) error {
	switch start := d.pos; {
	case d.is('"'):
		var err error
		to.Content, err = d.str()
		d.spot(undertone.Content, start)
		return err
	case !d.is('['):
		return d.wrongType(fieldOf(path, name), "a string")
	default:
		n := 0
		err := d.list(func(i int) error {
			n++
			return d.part(element{fieldOf(path, name), i}, to, m)
		})
		if err == nil && n == 0 {
			err = d.fail(start, `drop the row, or write the empty content ""`, "%s is an empty list", fieldOf(path, name))
		}
		return err
	}
}

func fieldOf(path element, name string) string {
	switch {
	case name == "":
		return path.list
	case path.list == "system":
		return path.list + "." + name
	}
	return path.String() + "." + name
}

// part is one element of a content, in the vocabularies of OpenAI, Anthropic, Bedrock and Gemini.
type part struct {
	kind     string // the value of "type", or ""
	text     string
	hasText  bool
	span     [2]int // of the text in the line
	thought  bool   // the text is reasoning
	call     undertone.ToolCall
	isCall   bool
	result   undertone.Message
	isResult bool
	fields   int
}

// part reads one element of a content.
func (d *decoder) part(path element, to *undertone.Message, m *message) error {
	if !d.is('{') {
		return d.wrongType(path.String(), "an object")
	}
	const hint = "drop the row; only parts of text, reasoning and tool calls can be read"
	var p part
	start := d.pos
	if err := d.object(func(name string, at int) error { return d.partField(path, name, at, &p) }); err != nil {
		return err
	}
	switch p.kind {
	case "thinking", "reasoning":
		p.thought = true
	case "tool_use", "tool_call", "toolUse":
		p.isCall = true
	case "tool_result":
		p.isResult = true
	case "", "text", "input_text", "output_text":
	default:
		return d.fail(start, hint, "%s is of the type %s, want \"text\"", path, quote(p.kind))
	}
	if !p.isResult && (p.result.Content != "" || p.result.ToolCallID != "") {
		d.unread.nested("content", "content")
	}
	switch {
	case p.isCall:
		if p.call.Name == "" {
			return d.fail(start, "write the name of the tool, or drop the row", "%s is a call without a name", path)
		}
		to.ToolCalls = append(to.ToolCalls, p.call)
	case p.isResult && m == nil:
		return d.fail(start, hint, "%s is the result of a tool, want text", path)
	case p.isResult:
		p.result.Role = tool
		m.results = append(m.results, p.result)
	case !p.hasText:
		return d.fail(start, hint, "%s has no text", path)
	case p.thought:
		d.partSpot(undertone.Reasoning, p.span)
		to.Reasoning += p.text
	default:
		d.partSpot(undertone.Content, p.span)
		to.Content += p.text
	}
	return nil
}

func (d *decoder) partSpot(field undertone.Field, span [2]int) {
	if d.spotted && span[1] > 0 {
		d.spots = append(d.spots, spot{len(d.turns), d.copy, field, span[0], span[1]})
	}
}

// The fields of a part that may occur once.
const (
	partType = 1 << iota
	partText
	partCall
	partResult
)

func (d *decoder) partField(path element, name string, at int, p *part) (err error) {
	if d.is('n') { // which counts as missing
		return d.skip()
	}
	bit := 0
	switch name {
	case "type":
		bit = partType
		p.kind, err = d.value(path, name)
	case "text", "thinking", "reasoningText":
		bit = partText
		err = d.partText(path, name, p)
	case "thought":
		p.thought = d.is('t')
		err = d.skip()
	case "reasoningContent":
		if !d.is('{') {
			return d.wrongType(path.String()+"."+name, "an object")
		}
		p.thought = true
		return d.object(func(name string, at int) error { return d.partField(path, name, at, p) })
	case "functionCall", "function_call", "toolUse":
		bit, p.isCall = partCall, true
		if !d.is('{') {
			return d.wrongType(path.String()+"."+name, "an object")
		}
		err = d.callFields(element{path.String() + "." + name, -1}, &p.call)
	case "functionResponse", "function_response", "toolResult":
		bit, p.isResult = partResult, true
		if !d.is('{') {
			return d.wrongType(path.String()+"."+name, "an object")
		}
		err = d.object(func(name string, _ int) error { return d.resultField(path, name, &p.result) })
	case "id":
		p.call.ID, err = d.identifier(path, name)
	case "name":
		p.call.Name, err = d.value(path, name)
	case "input":
		err = d.arguments(&p.call)
	case "tool_use_id", "content":
		return d.resultField(path, name, &p.result)
	default:
		return d.notRead("content", name)
	}
	if err == nil && p.fields&bit != 0 {
		return d.twice(at, path.String(), name)
	}
	p.fields |= bit
	return err
}

// partText reads the text of a part: a string, {"text": …}, or a list of parts.
func (d *decoder) partText(path element, name string, p *part) (err error) {
	p.hasText = true
	switch start := d.pos; {
	case d.is('"'):
		p.text, err = d.str()
		p.span = [2]int{start, d.pos}
	case name != "text" && d.is('{'):
		err = d.object(func(name string, _ int) error {
			if name != "text" {
				return d.notRead("content", name)
			}
			at := d.pos
			var err error
			p.text, err = d.value(path, name)
			p.span = [2]int{at, d.pos}
			return err
		})
	case name == "thinking" && d.is('['):
		var inner undertone.Message
		spots := len(d.spots)
		err = d.contentOrParts(path, name, &inner, nil)
		d.spots = d.spots[:spots]
		p.text = inner.Content
	default:
		return d.wrongType(path.String()+"."+name, "a string")
	}
	if name != "text" {
		p.thought = true
	}
	return err
}

// resultField reads a field of the result of a tool.
func (d *decoder) resultField(path element, name string, result *undertone.Message) (err error) {
	if d.is('n') { // which counts as missing
		return d.skip()
	}
	switch name {
	case "tool_use_id", "toolUseId", "id":
		result.ToolCallID, err = d.identifier(path, name)
	case "name":
		result.Name, err = d.value(path, name)
	case "content", "response":
		result.Content, err = d.resultText(path, name)
	default:
		return d.notRead("content", name)
	}
	return err
}

// resultText reads what a tool returned: a string, a list of {"text"} and {"json"}, or another JSON
// value, whose text it returns.
func (d *decoder) resultText(path element, name string) (string, error) {
	start := d.pos
	switch {
	case d.is('"'):
		return d.str()
	case !d.is('['):
		err := d.skip()
		return d.text[start:d.pos], err
	}
	var texts []string
	err := d.list(func(i int) error {
		at := element{path.String() + "." + name, i}
		if !d.is('{') {
			return d.wrongType(at.String(), "an object")
		}
		n := len(texts)
		err := d.object(func(name string, _ int) error {
			switch name {
			case "text":
				text, err := d.value(at, name)
				texts = append(texts, text)
				return err
			case "json":
				from := d.pos
				err := d.skip()
				texts = append(texts, d.text[from:d.pos])
				return err
			case "type":
				return d.skip()
			}
			return d.notRead("content", name)
		})
		if err == nil && len(texts) == n {
			err = d.fail(start, "drop the row; only parts of text can be read", "%s has no text", at)
		}
		return err
	})
	return strings.Join(texts, ""), err
}

package jsonl

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/undertone-audit/undertone"
)

// toolCalls reads a list of calls.
func (d *decoder) toolCalls(path element, m *message) error {
	const name = "tool_calls"
	switch {
	case d.is('n'):
		return d.skip()
	case !d.is('['):
		return d.wrongType(path.String()+"."+name, "a list of calls")
	}
	return d.list(func(i int) error {
		call, err := d.toolCall(element{path.String() + "." + name, i})
		m.ToolCalls = append(m.ToolCalls, call)
		return err
	})
}

// functionCall reads the one call of older rows of OpenAI.
func (d *decoder) functionCall(path element, m *message) error {
	const name = "function_call"
	switch {
	case d.is('n'):
		return d.skip()
	case d.is('{') && strings.HasPrefix(strings.TrimLeft(d.text[d.pos+1:], " \t\r"), "}"):
		return d.skip()
	}
	call, err := d.toolCall(element{list: path.String() + "." + name, index: -1})
	m.ToolCalls = append(m.ToolCalls, call)
	return err
}

// toolCall reads {"id", "type", "function": {"name", "arguments"}}, or a call without the inner
// object. The input of other tools is the arguments.
func (d *decoder) toolCall(path element) (c undertone.ToolCall, err error) {
	if !d.is('{') {
		return c, d.wrongType(path.String(), "an object")
	}
	start := d.pos
	err = d.callFields(path, &c)
	if err == nil && c.Name == "" {
		err = d.fail(start, `a call is {"id": …, "type": "function", "function": {"name": …, "arguments": …}}`, "%s has no name of a function", path)
	}
	return c, err
}

func (d *decoder) callFields(path element, c *undertone.ToolCall) error {
	return d.object(func(name string, at int) (err error) {
		if d.is('n') { // which counts as missing
			return d.skip()
		}
		switch name {
		case "id", "toolUseId":
			c.ID, err = d.identifier(path, name)
		case "name":
			named := c.Name
			if c.Name, err = d.value(path, name); err == nil && named != "" && named != c.Name {
				return d.twice(at, path.String(), name)
			}
		case "arguments", "args", "input", "parameters":
			if c.Arguments != "" {
				return d.twice(at, path.String(), "arguments")
			}
			err = d.arguments(c)
		case "function", "custom":
			if !d.is('{') {
				return d.wrongType(path.String()+"."+name, "an object")
			}
			return d.callFields(element{path.String() + "." + name, -1}, c)
		case "type", "index":
			return d.skip()
		default:
			return d.notRead("tool_calls", name)
		}
		return err
	})
}

// arguments reads the JSON text of arguments: an object, or a string that holds it.
func (d *decoder) arguments(c *undertone.ToolCall) (err error) {
	start := d.pos
	switch {
	case d.is('"'):
		c.Arguments, err = d.str()
		return err
	case d.is('n'):
		return d.skip()
	}
	err = d.skip()
	c.Arguments, c.Object = d.text[start:d.pos], true
	return err
}

// readCalls reads the value of a turn whose sender is "function_call": the JSON text of a call, or
// of a list of calls.
func readCalls(text string) ([]undertone.ToolCall, bool) {
	type call struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	}
	var list []call
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		if json.Unmarshal([]byte(text), &list) != nil {
			return nil, false
		}
	} else {
		list = make([]call, 1)
		if json.Unmarshal([]byte(text), &list[0]) != nil {
			return nil, false
		}
	}
	calls := make([]undertone.ToolCall, len(list))
	for i, c := range list {
		calls[i] = undertone.ToolCall{Name: c.Name, Arguments: string(bytes.TrimSpace(c.Arguments)), Object: true}
		switch {
		case c.Name == "":
			return nil, false
		case c.Arguments == nil:
			calls[i].Object = false
		}
		var text string
		if json.Unmarshal(c.Arguments, &text) == nil {
			calls[i].Arguments, calls[i].Object = text, false
		}
	}
	return calls, len(calls) > 0
}

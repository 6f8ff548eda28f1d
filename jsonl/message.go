package jsonl

import (
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone"
)

// turn reads a string as one message of the role, and a list as its messages. An empty string is no
// message if the role is "user".
func (d *decoder) turn(k key, name, role string) error {
	if !d.at(k) {
		return nil
	}
	if d.is('[') {
		return d.messages(k, name)
	}
	if !d.is('"') {
		return d.wrongType(name, "a string or a list of messages")
	}
	content, err := d.str()
	if content != "" || role != "user" {
		d.turns = append(d.turns, undertone.Message{Role: role, Content: content})
	}
	return err
}

// messages reads a field that is a list of at least one message.
func (d *decoder) messages(k key, name string) error {
	d.at(k)
	if !d.is('[') {
		return d.wrongType(name, "a list of messages")
	}
	start, before := d.pos, len(d.turns)
	err := d.list(func(i int) error {
		m, err := d.message(element{name, i})
		d.turns = append(d.turns, m)
		return err
	})
	if err == nil && len(d.turns) == before {
		return d.fail(start, "drop the row", "%s is an empty list", name)
	}
	return err
}

// element is the path of an element of a list, which is formatted only for errors.
type element struct {
	list  string
	index int
}

func (e element) String() string { return fmt.Sprintf("%s[%d]", e.list, e.index) }

// The fields of a message, with either set of names.
const (
	hasRole = 1 << iota
	hasContent
	hasFrom
	hasValue
)

// message reads {"role", "content"} or {"from", "value"}. It ignores other fields. Tool calls are
// an error, because they are content.
func (d *decoder) message(path element) (m undertone.Message, err error) {
	if !d.is('{') {
		return m, d.wrongType(path.String(), "an object")
	}
	start, has := d.pos, 0
	err = d.object(func(name string, at int) (err error) {
		bit := 0
		switch name {
		case "role":
			bit = hasRole
			m.Role, err = d.content(path, name)
		case "from":
			bit = hasFrom
			m.Role, err = d.content(path, name)
		case "content":
			bit = hasContent
			m.Content, err = d.contentOrParts(path, name)
		case "value":
			bit = hasValue
			m.Content, err = d.contentOrParts(path, name)
		case "tool_calls", "function_call":
			return d.toolCall(path, name)
		default:
			return d.skip()
		}
		if err == nil && has&bit != 0 {
			return d.twice(at, path.String(), name)
		}
		has |= bit
		return err
	})
	switch {
	case err != nil:
		return m, err
	case has == hasFrom|hasValue:
		m.Role = roleOf(m.Role)
	case has != hasRole|hasContent:
		return m, d.incomplete(path, start, has)
	}
	return m, nil
}

func (d *decoder) incomplete(path element, at, has int) error {
	what := "mixes two ways to write a message"
	switch has {
	case 0:
		what = "has none of the fields of a message"
	case hasRole:
		what = `has "role" but no "content"`
	case hasContent:
		what = `has "content" but no "role"`
	case hasFrom:
		what = `has "from" but no "value"`
	case hasValue:
		what = `has "value" but no "from"`
	}
	return d.fail(at, `a message has "role" and "content", or "from" and "value"`, "%s %s", path, what)
}

// roleOf returns the role of a sender of ShareGPT.
func roleOf(from string) string {
	switch from {
	case "human":
		return "user"
	case "gpt":
		return "assistant"
	}
	return from
}

// senderOf returns the sender of ShareGPT for a role.
func senderOf(role string) string {
	switch role {
	case "user":
		return "human"
	case "assistant":
		return "gpt"
	}
	return role
}

func (d *decoder) content(path element, name string) (string, error) {
	if !d.is('"') {
		return "", d.wrongType(path.String()+"."+name, "a string")
	}
	return d.str()
}

func (d *decoder) contentOrParts(path element, name string) (string, error) {
	if !d.is('[') {
		return d.content(path, name)
	}
	var texts []string
	err := d.list(func(i int) error {
		text, err := d.part(element{path.String() + "." + name, i})
		texts = append(texts, text)
		return err
	})
	return strings.Join(texts, ""), err
}

// part reads {"type": "text", "text": …}.
func (d *decoder) part(path element) (text string, err error) {
	if !d.is('{') {
		return "", d.wrongType(path.String(), "an object")
	}
	const hint = "drop the row; only text parts can be read"
	start, kinds, texts := d.pos, 0, 0
	err = d.object(func(name string, at int) (err error) {
		switch name {
		case "type":
			kinds++
			var kind string
			if kind, err = d.content(path, name); err == nil && kind != "text" {
				err = d.fail(start, hint, "%s is of the type %s, want \"text\"", path, quote(kind))
			}
		case "text":
			texts++
			text, err = d.content(path, name)
		default:
			return d.skip()
		}
		if err == nil && max(kinds, texts) > 1 {
			err = d.twice(at, path.String(), name)
		}
		return err
	})
	if err == nil && min(kinds, texts) == 0 {
		err = d.fail(start, hint, `%s has no "type" or no "text"`, path)
	}
	return text, err
}

func (d *decoder) toolCall(path element, name string) error {
	start := d.pos
	if err := d.skip(); err != nil {
		return err
	}
	switch d.text[start:d.pos] {
	case "null", "[]", "{}":
		return nil
	}
	return d.fail(start, "drop the row, or write the call into the content", "%s.%s is a tool call, which this version cannot read", path, name)
}

package jsonl

import (
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// before reads what precedes the conversation of a row: the system prompt and the history.
func (d *decoder) before(shape Shape) error {
	if d.seen&(keySystem|keyHistory|keyInstruction) == 0 {
		return nil
	}
	if d.seen&keyInstruction != 0 && (shape == Messages || shape == Conversations || shape == Contents) {
		if d.seen&keySystem != 0 {
			d.at(keyInstruction)
			return d.fail(d.pos, "drop one of them", `the row has two system prompts: the fields "system" and "instruction"`)
		}
		if err := d.systemPrompt(keyInstruction, "instruction"); err != nil {
			return err
		}
	}
	if err := d.systemPrompt(keySystem, "system"); err != nil {
		return err
	}
	return d.history()
}

// systemPrompt reads a field as a system message: a string, a list of parts, or an object with
// parts. An empty prompt is no message.
func (d *decoder) systemPrompt(k key, name string) (err error) {
	if !d.at(k) {
		return nil
	}
	d.used |= k
	m := undertone.Message{Role: system}
	if d.is('{') {
		start, found := d.pos, false
		err = d.object(func(field string, _ int) error {
			switch {
			case field == "role", d.is('n'):
				return d.skip()
			case (field == "parts" || field == "content") && !found:
				found = true
				return d.contentOrParts(element{list: name}, field, &m, nil)
			}
			return d.notRead(name, field)
		})
		if err == nil && !found {
			err = d.fail(start, "write it as a string or as {\"parts\": [{\"text\": …}]}", "%s has neither parts nor content", name)
		}
	} else {
		err = d.contentOrParts(element{list: name}, "", &m, nil)
	}
	if m.Content == "" {
		d.forget(len(d.turns))
		d.used &^= k & keyInstruction // which is no message
	} else {
		d.turns = append(d.turns, m)
	}
	return err
}

// dropRepeatedInstruction removes the system message of the field "instruction" if a message of the
// user repeats it. The field is then metadata.
func (d *decoder) dropRepeatedInstruction() {
	if d.used&keyInstruction == 0 {
		return
	}
	for _, m := range d.turns[1:] {
		if m.Role == user && m.Content == d.turns[0].Content {
			d.turns = slices.Delete(d.turns, 0, 1)
			d.forget(0)
			for i := range d.spots {
				d.spots[i].turn--
			}
			d.used &^= keyInstruction
			return
		}
	}
}

// oneSystemPrompt returns an error if a message of the list that starts with turns[from] is a
// second system prompt.
func (d *decoder) oneSystemPrompt(from int, path string) error {
	if from > 0 && from < len(d.turns) && d.turns[0].Role == system && d.turns[from].Role == system {
		return &Error{Msg: "the row has two system prompts: one beside " + path + ", and " + path + "[0]", Hint: "drop one of them"}
	}
	return nil
}

// history reads {"history": [[question, answer], …]}.
func (d *decoder) history() error {
	if !d.at(keyHistory) {
		return nil
	}
	d.used |= keyHistory
	switch {
	case d.is('"') && strings.HasPrefix(d.text[d.pos:], `""`):
		return nil
	case !d.is('['):
		return d.wrongType("history", "a list of pairs of strings")
	}
	return d.list(func(i int) error {
		path := element{"history", i}
		if d.is('{') {
			return d.append(path)
		}
		if !d.is('[') {
			return d.wrongType(path.String(), "a pair of strings")
		}
		start, n := d.pos, 0
		err := d.list(func(j int) error {
			if n++; !d.is('"') {
				return d.wrongType(element{path.String(), j}.String(), "a string")
			}
			at := d.pos
			s, err := d.str()
			d.spot(undertone.Content, at)
			d.turns = append(d.turns, undertone.Message{Role: [2]string{user, assistant}[j%2], Content: s})
			return err
		})
		if err == nil && n != 2 {
			err = d.fail(start, "write each turn as [question, answer]", "%s has %d elements, want 2", path, n)
		}
		return err
	})
}

// tools reads the tools that the row offers: a JSON value, or a string that holds one.
func (d *decoder) tools(e *undertone.Example) (err error) {
	d.at(keyTools)
	d.used |= keyTools
	return d.toolsHere(e)
}

// toolsHere reads the tools at the current position.
func (d *decoder) toolsHere(e *undertone.Example) (err error) {
	start := d.pos
	if d.is('"') {
		e.Tools, err = d.str()
	} else {
		if err = d.skip(); err == nil {
			e.Tools = d.text[start:d.pos]
		}
	}
	switch strings.Map(withoutSpace, e.Tools) {
	case "", "[]", "{}", "null":
		e.Tools = ""
	}
	return err
}

func withoutSpace(r rune) rune {
	if strings.ContainsRune(" \t\r\n", r) {
		return -1
	}
	return r
}

// label reads whether an answer is a good one. Such rows learn their last answer, as in KTO. A
// label that is not a boolean is metadata, unless it may be one of KTO in another spelling.
func (d *decoder) label(e *undertone.Example, shape Shape) error {
	if d.at(keyLabel); !d.is('t') && !d.is('f') {
		return d.otherLabel(shape)
	}
	good := d.is('t')
	e.Label, e.Turns = &good, undertone.LastTurn
	d.used |= keyLabel
	return nil
}

// otherLabel returns an error for a label that may say whether an answer is a good one and is not a
// boolean: any kto_tag, a string such as "false", and 0 or 1 beside prompt and completion.
func (d *decoder) otherLabel(shape Shape) error {
	f := d.fields[slices.IndexFunc(d.fields, func(f field) bool { return f.key == keyLabel })]
	value := d.text[f.start:f.end]
	suspect := f.name != "label"
	switch strings.ToLower(value) {
	case `"true"`, `"false"`:
		suspect = true
	case "0", "1", "0.0", "1.0":
		suspect = suspect || shape == Completion
	}
	if !suspect {
		return nil
	}
	return d.fail(f.start, "write true for a good answer and false for a bad one, or rename the field if it says something else",
		"%s is %s, want true or false", f.name, clip(value))
}

// rejectedMessages returns the error for the rejected conversation of ms-swift.
func (d *decoder) rejectedMessages() error {
	d.at(keyRejectedMessages)
	return d.fail(d.pos, `rename messages to chosen and rejected_messages to rejected`, "rejected_messages holds a rejected answer, which is not read beside messages")
}

// rejectedResponse reads the rejected answer beside a list of messages.
func (d *decoder) rejectedResponse(e *undertone.Example) (err error) {
	d.at(keyRejectedResponse)
	if !d.is('"') {
		return d.wrongType("rejected_response", "a string")
	}
	d.used |= keyRejectedResponse
	start := d.pos
	e.Rejected, err = d.str()
	d.spotRejected(start)
	e.Turns = undertone.LastTurn
	return err
}

package jsonl

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
)

// inputSeparator separates instruction and input in a prompt, as in LLaMA-Factory.
const inputSeparator = "\n"

// decoder reads rows, one line at a time. The strings that it returns share the memory of the line,
// but not of the decoder.
type decoder struct {
	scanner
	fields []field
	seen   key                 // the known fields of the row that are not null
	turns  []undertone.Message // the messages read so far

	instruction, input string // the parts of the prompt of an Instruction row
}

// row reads line in the shape want, or in the only shape that matches.
func (d *decoder) row(line string, want Shape) (undertone.Example, Shape, error) {
	if err := d.parse(line); err != nil {
		return undertone.Example{}, "", err
	}
	shape, err := d.choose(want)
	if err != nil {
		return undertone.Example{}, "", err
	}
	e, err := d.example(shape)
	return e, shape, err
}

// example reads the parsed line as a row of a shape that matches it.
func (d *decoder) example(shape Shape) (undertone.Example, error) {
	d.turns = d.turns[:0]
	e := undertone.Example{Source: d.text}
	var err error
	switch shape {
	case Messages:
		err = d.messages(keyMessages, "messages")
	case Conversations:
		err = d.messages(keyConversations, "conversations")
	case Completion:
		err = d.completion()
	case Instruction:
		err = d.instructed()
	case Preference:
		e.Rejected, err = d.preference()
	default:
		err = d.bare()
	}
	if err == nil {
		err = answered(d.turns)
	}
	if err == nil {
		err = d.rest(&e, shape)
	}
	if err != nil {
		return undertone.Example{}, err
	}
	e.Messages = slices.Clone(d.turns)
	return e, nil
}

// answered returns an error for a row whose last message is a question, because students would
// learn to write the question.
func answered(messages []undertone.Message) error {
	if len(messages) == 0 {
		return &Error{Msg: "the row has no messages", Hint: "drop the row"}
	}
	switch role := messages[len(messages)-1].Role; role {
	case "user", "system":
		return &Error{Msg: fmt.Sprintf("the last message has the role %q, so the row has no completion", role), Hint: "drop the row, or its last message"}
	}
	return nil
}

func (d *decoder) completion() error {
	if err := d.turn(keyPrompt, "prompt", "user"); err != nil {
		return err
	}
	return d.turn(keyCompletion, "completion", "assistant")
}

func (d *decoder) instructed() (err error) {
	if d.instruction, err = d.plain(keyInstruction, "instruction"); err != nil {
		return err
	}
	if d.input, err = d.plain(keyInput, "input"); err != nil {
		return err
	}
	output, err := d.plain(keyOutput, "output")
	if prompt := joinInput(d.instruction, d.input); prompt != "" {
		d.turns = append(d.turns, undertone.Message{Role: "user", Content: prompt})
	}
	d.turns = append(d.turns, undertone.Message{Role: "assistant", Content: output})
	return err
}

func (d *decoder) bare() error {
	text, err := d.plain(keyText, "text")
	d.turns = append(d.turns, undertone.Message{Role: "assistant", Content: text})
	return err
}

// plain reads a field that must be a string. A missing field is "".
func (d *decoder) plain(k key, name string) (string, error) {
	switch {
	case !d.at(k):
		return "", nil
	case !d.is('"'):
		return "", d.wrongType(name, "a string")
	}
	return d.str()
}

func joinInput(instruction, input string) string {
	if instruction == "" || input == "" {
		return instruction + input
	}
	return instruction + inputSeparator + input
}

// rest reads the generator and the metadata.
func (d *decoder) rest(e *undertone.Example, shape Shape) (err error) {
	used := shape.content() & d.seen
	if d.at(keyModel) && d.is('"') {
		if e.Generator, err = d.str(); err != nil {
			return err
		}
	}
	if d.at(keyGenerator) && d.is('"') {
		name, err := d.str()
		if err != nil {
			return err
		}
		if name != "" {
			e.Generator = name
			used |= keyGenerator
		}
	}
	size, n := 0, 0
	for _, f := range d.fields {
		if used&f.key == 0 {
			size, n = size+f.end-f.start, n+1
		}
	}
	if n == 0 {
		return nil
	}
	e.Meta = make(map[string]json.RawMessage, n)
	values := make([]byte, 0, size)
	for _, f := range d.fields {
		if used&f.key == 0 {
			start := len(values)
			values = append(values, d.text[f.start:f.end]...)
			e.Meta[f.name] = values[start:len(values):len(values)]
		}
	}
	return nil
}

func (d *decoder) wrongType(path, want string) error {
	return d.fail(d.pos, "", "%s is %s, want %s", path, d.kind(), want)
}

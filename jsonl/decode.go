package jsonl

import (
	"encoding/json"
	"slices"

	"github.com/undertone-audit/undertone"
)

// inputSeparator separates instruction and input in a prompt, as in LLaMA-Factory.
const inputSeparator = "\n"

// decoder reads rows, one line at a time. The strings that it returns share the memory of the line,
// but not of the decoder.
type decoder struct {
	scanner
	config config
	fields []field
	shapes []Shape // that match the last row

	seenOfShapes key                 // the known fields of that row; 0 if the shapes depend on more
	seen         key                 // the known fields of the row that are not null
	used         key                 // the known fields that were read as content
	turns        []undertone.Message // the messages read so far
	free         []undertone.Message // memory for the messages of rows
	unread       unreadNames         // fields that are not read

	spots []spot // where the texts of the messages are; used by a Writer
	spotting
}

func newDecoder(c config) decoder {
	return decoder{config: c, unread: unreadNames{to: c.unread}, spotting: spotting{shared: c.transient}}
}

// row reads line in the shape of the configuration, or in the only shape that matches. A row of the
// shape TokenIDs gives tokens, unless they are to be read as text.
func (d *decoder) row(line string, to *Row) (err error) {
	if err := d.parse(line); err != nil {
		return err
	}
	if to.Shape, err = d.choose(d.config.shape); err != nil {
		return err
	}
	if to.Shape != TokenIDs || d.config.detokenise != nil {
		return d.example(to.Shape, &to.Example)
	}
	if !d.config.tokenised {
		return &Error{Msg: "the row holds token IDs, which have no text", Err: ErrShape, Option: optionDetokenise,
			Hint: "score the rows with a model of their tokenizer"}
	}
	d.used = 0
	d.unread.start()
	to.Source = d.text
	if to.Tokens, err = d.tokens(); err != nil {
		return err
	}
	d.unreadMetadata(d.used | keyGenerator)
	d.unread.end()
	return nil
}

// example reads the parsed line as a row of a shape that matches it. It sets the fields of an empty
// example.
func (d *decoder) example(shape Shape, e *undertone.Example) error {
	d.turns, d.spots, d.used = d.turns[:0], d.spots[:0], 0
	d.unread.start()
	e.Source, e.Turns = d.text, d.config.turns
	if err := d.content(e, shape); err != nil {
		return err
	}
	if err := answered(d.turns); err != nil {
		return err
	}
	if err := d.rest(e); err != nil {
		return err
	}
	e.Messages = d.keep(d.turns)
	if e.Turns != undertone.AllTurns && oneAnswer(e.Messages) {
		e.Turns = undertone.AllTurns // which makes no difference
	}
	d.unread.end()
	return nil
}

func (d *decoder) content(e *undertone.Example, shape Shape) (err error) {
	d.used |= shape.required()
	switch shape {
	case Text:
		return d.bare()
	case TokenIDs:
		return d.detokenised()
	case Preference, OpenAIPreference:
		if shape == OpenAIPreference {
			e.Rejected, err = d.openAIPreference(e)
		} else {
			e.Rejected, err = d.preference()
		}
		e.Turns = undertone.LastTurn
	default:
		if err = d.before(shape); err != nil {
			return err
		}
		err = d.conversationOf(e, shape)
	}
	if err == nil && d.seen&keyTools != 0 {
		err = d.tools(e)
	}
	if err == nil && d.seen&keyLabel != 0 && shape != Preference && shape != OpenAIPreference {
		err = d.label(e, shape)
	}
	if err == nil && d.seen&keyRejectedMessages != 0 && shape != Preference && shape != OpenAIPreference {
		err = d.rejectedMessages()
	}
	return err
}

func oneAnswer(messages []undertone.Message) bool {
	n := 0
	for i := range messages {
		if messages[i].Role == assistant {
			n++
		}
	}
	return n == 1
}

// conversationOf reads the messages of a shape with one conversation.
func (d *decoder) conversationOf(e *undertone.Example, shape Shape) error {
	before := len(d.turns)
	switch shape {
	case Messages, Conversations, Contents:
		// Contents are messages with the roles user and model, and with parts.
		if err := d.messages(shape.required(), string(shape)); err != nil {
			return err
		}
		if err := d.oneSystemPrompt(before, string(shape)); err != nil {
			return err
		}
		d.dropRepeatedInstruction()
		if shape != Messages || d.seen&keyRejectedResponse == 0 {
			return nil
		}
		return d.rejectedResponse(e)
	case Completion:
		return d.completion()
	case Dolly:
		return d.instructed(keyContext, "context", keyResponse, "response")
	default:
		return d.instructed(keyInput, "input", keyOutput, "output")
	}
}

// keepMessages is the number of messages that rows share the memory of.
const keepMessages = 16

// keep returns a copy of messages for a row.
func (d *decoder) keep(messages []undertone.Message) []undertone.Message {
	n := len(messages)
	if d.shared {
		return messages
	}
	if n > keepMessages/4 {
		return slices.Clone(messages)
	}
	if len(d.free) < n {
		d.free = make([]undertone.Message, keepMessages)
	}
	kept := d.free[:n:n]
	d.free = d.free[n:]
	copy(kept, messages)
	return kept
}

// completion reads prompt and completion. The turns of the assistant in a prompt are not learnt. A
// message of another role in a completion is an error, because TRL learns all of a completion.
func (d *decoder) completion() error {
	prompt := len(d.turns)
	if err := d.turn(keyPrompt, "prompt", user); err != nil {
		return err
	}
	if err := d.oneSystemPrompt(prompt, "prompt"); err != nil {
		return err
	}
	for i := prompt; i < len(d.turns); i++ {
		d.turns[i].Masked = d.turns[i].Role == assistant
	}
	start := len(d.turns)
	if err := d.turn(keyCompletion, "completion", assistant); err != nil {
		return err
	}
	return onlyAnswers(d.turns[start:])
}

// instructed reads a prompt of two fields and an answer.
func (d *decoder) instructed(input key, inputName string, output key, outputName string) error {
	if err := d.joined(keyInstruction, "instruction", input, inputName); err != nil {
		return err
	}
	answer, err := d.plain(output, outputName)
	d.turns = append(d.turns, undertone.Message{Role: assistant, Content: answer})
	return err
}

// joined reads two fields as one message of the user, and as none if both are empty.
func (d *decoder) joined(first key, firstName string, second key, secondName string) error {
	a, err := d.plain(first, firstName)
	if err != nil {
		return err
	}
	b, err := d.plain(second, secondName)
	if err != nil {
		return err
	}
	if prompt := joinInput(a, b); prompt != "" {
		d.turns = append(d.turns, undertone.Message{Role: user, Content: prompt})
	} else {
		d.forget(len(d.turns))
	}
	return nil
}

func (d *decoder) bare() error {
	text, err := d.plain(keyText, "text")
	d.turns = append(d.turns, undertone.Message{Role: assistant, Content: text})
	return err
}

// plain reads a field that must be a string, as text of the next message. A missing field is "".
func (d *decoder) plain(k key, name string) (string, error) {
	switch {
	case !d.at(k):
		return "", nil
	case !d.is('"'):
		return "", d.wrongType(name, "a string")
	}
	d.used |= k
	start := d.pos
	s, err := d.str()
	d.spot(undertone.Content, start)
	return s, err
}

func joinInput(instruction, input string) string {
	if instruction == "" || input == "" {
		return instruction + input
	}
	return instruction + inputSeparator + input
}

// rest reads the generator and the metadata.
func (d *decoder) rest(e *undertone.Example) (err error) {
	used := d.used & d.seen
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
	d.unreadMetadata(used)
	return nil
}

// unreadMetadata notes the top-level fields that are neither null nor among those that are used.
func (d *decoder) unreadMetadata(used key) {
	for _, f := range d.fields {
		if used&f.key == 0 && d.text[f.start] != 'n' {
			d.unread.field(f.name)
		}
	}
}

func (d *decoder) wrongType(path, want string) error {
	return d.fail(d.pos, "", "%s is %s, want %s", path, d.kind(), want)
}

package jsonl

import "slices"

// Shape names a layout of training rows.
type Shape string

// The known shapes. A field whose value is null counts as missing.
const (
	// Messages: {"messages": [{"role": …, "content": …}, …]}.
	Messages Shape = "messages"

	// Conversations: {"conversations": [{"from": …, "value": …}, …]}, as in ShareGPT. The sender
	// "human" is the role user, and "gpt" is assistant.
	Conversations Shape = "conversations"

	// Completion: {"prompt": …, "completion": …}, each a string or a list of messages.
	Completion Shape = "completion"

	// Instruction: {"instruction": …, "input": …, "output": …}, as in Alpaca. The prompt is the
	// instruction, a line feed and the input, or the instruction alone if the input is empty.
	Instruction Shape = "instruction"

	// Preference: {"prompt": …, "chosen": …, "rejected": …}, each a string or a list of messages.
	// The prompt may be missing, or repeated in the lists.
	Preference Shape = "preference"

	// Text: {"text": …}, a completion without a prompt.
	Text Shape = "text"
)

// Shapes returns the known shapes.
func Shapes() []Shape {
	return []Shape{Messages, Conversations, Completion, Instruction, Preference, Text}
}

func (s Shape) known() bool { return slices.Contains(Shapes(), s) }

// key is a set of known top-level fields.
type key uint16

const (
	keyMessages key = 1 << iota
	keyConversations
	keyPrompt
	keyCompletion
	keyInstruction
	keyInput
	keyOutput
	keyChosen
	keyRejected
	keyText
	keyGenerator
	keyModel
	keyOther key = 0
)

func keyOf(name string) key {
	switch name {
	case "messages":
		return keyMessages
	case "conversations":
		return keyConversations
	case "prompt":
		return keyPrompt
	case "completion":
		return keyCompletion
	case "instruction":
		return keyInstruction
	case "input":
		return keyInput
	case "output":
		return keyOutput
	case "chosen":
		return keyChosen
	case "rejected":
		return keyRejected
	case "text":
		return keyText
	case "generator":
		return keyGenerator
	case "model":
		return keyModel
	}
	return keyOther
}

// required returns the fields that every row of the shape has.
func (s Shape) required() key {
	switch s {
	case Messages:
		return keyMessages
	case Conversations:
		return keyConversations
	case Completion:
		return keyPrompt | keyCompletion
	case Instruction:
		return keyInstruction | keyOutput
	case Preference:
		return keyChosen | keyRejected
	default:
		return keyText
	}
}

// content returns the fields that hold the messages of a row of the shape.
func (s Shape) content() key {
	switch s {
	case Instruction:
		return s.required() | keyInput
	case Preference:
		return s.required() | keyPrompt
	}
	return s.required()
}

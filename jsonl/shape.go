package jsonl

import "slices"

// Shape names a layout of training rows.
type Shape string

// The known shapes. A field whose value is null counts as missing. docs/rows.md specifies each of
// them, and the fields beside them that are content as well.
const (
	// Messages: {"messages": [{"role": …, "content": …}, …]}, as of OpenAI, TRL and Bedrock.
	Messages Shape = "messages"

	// Conversations: {"conversations": [{"from": …, "value": …}, …]}, as in ShareGPT.
	Conversations Shape = "conversations"

	// Completion: {"prompt": …, "completion": …}, each a string or a list of messages. A boolean
	// "label" makes it a row of KTO.
	Completion Shape = "completion"

	// Instruction: {"instruction": …, "input": …, "output": …}, as in Alpaca. The prompt is the
	// instruction, a line feed and the input, or the instruction alone if the input is empty.
	Instruction Shape = "instruction"

	// Dolly: {"instruction": …, "context": …, "response": …}, joined as those of Instruction.
	Dolly Shape = "dolly"

	// Preference: {"prompt": …, "chosen": …, "rejected": …}, each a string, a message or a list of
	// messages. The prompt may be missing, be repeated in the lists, or be written as instruction
	// and input, as question, or as conversation.
	Preference Shape = "preference"

	// OpenAIPreference: {"input": {"messages": …}, "preferred_output": …, "non_preferred_output": …}.
	OpenAIPreference Shape = "openai-preference"

	// Contents: {"contents": [{"role": …, "parts": [{"text": …}]}, …]}, as of Gemini.
	Contents Shape = "contents"

	// Text: {"text": …}, a completion without a prompt.
	Text Shape = "text"

	// TokenIDs: {"input_ids": …, "labels": …}, or {"ids": …}. Such rows have no text; see
	// [Tokenised] and [Detokenise].
	TokenIDs Shape = "token-ids"
)

// Shapes returns the known shapes.
func Shapes() []Shape { return slices.Clone(allShapes) }

var allShapes = []Shape{Messages, Conversations, Completion, Instruction, Dolly, Preference, OpenAIPreference, Contents, Text, TokenIDs}

func (s Shape) known() bool { return slices.Contains(allShapes, s) }

// key is a set of known top-level fields.
type key uint32

const (
	keyMessages key = 1 << iota
	keyConversations
	keyPrompt
	keyCompletion
	keyInstruction
	keyInput
	keyOutput
	keyContext
	keyResponse
	keyQuestion
	keyChosen
	keyRejected
	keyRejectedResponse
	keyRejectedMessages
	keyPreferred
	keyNonPreferred
	keyContents
	keyText
	keyIDs
	keyLabels
	keyLossMask
	keyAttentionMask
	keySystem
	keyHistory
	keyTools
	keyLabel
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
	case "context":
		return keyContext
	case "response":
		return keyResponse
	case "question":
		return keyQuestion
	case "chosen":
		return keyChosen
	case "rejected":
		return keyRejected
	case "rejected_response":
		return keyRejectedResponse
	case "rejected_messages":
		return keyRejectedMessages
	case "preferred_output":
		return keyPreferred
	case "non_preferred_output":
		return keyNonPreferred
	case "contents":
		return keyContents
	case "text":
		return keyText
	case "ids", "input_ids":
		return keyIDs
	case "labels":
		return keyLabels
	case "loss_mask", "completion_mask", "assistant_masks":
		return keyLossMask
	case "attention_mask":
		return keyAttentionMask
	case "system", "systemInstruction", "system_instruction":
		return keySystem
	case "history":
		return keyHistory
	case "tools", "functions":
		return keyTools
	case "label", "kto_tag":
		return keyLabel
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
	case Dolly:
		return keyInstruction | keyResponse
	case Preference:
		return keyChosen | keyRejected
	case OpenAIPreference:
		return keyInput | keyPreferred | keyNonPreferred
	case Contents:
		return keyContents
	case TokenIDs:
		return keyIDs
	default:
		return keyText
	}
}

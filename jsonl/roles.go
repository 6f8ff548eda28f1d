package jsonl

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/undertone-audit/undertone"
)

// The roles with a meaning of their own.
const (
	user      = "user"
	assistant = "assistant"
	system    = "system"
	tool      = "tool"

	// calling is the sender of ShareGPT whose value is the JSON text of a tool call.
	calling = "function_call"
)

// roleOf returns the role that a file names. Other names are roles as they are, if they are plain.
func roleOf(name string) string {
	switch name {
	case "human":
		return user
	case "gpt", "model", "bot", "chatbot", "chatgpt", "bing", "bard", "ai":
		return assistant
	case "observation", "function", "function_response", "ipython":
		return tool
	}
	return name
}

// plainRole reports whether a role is a name of lower-case letters of ASCII, digits, _ and -, with
// single spaces within it. A name such as "Assistant" would be another role than "assistant" for a
// template, and its turn would not be learnt.
func plainRole(role string) bool {
	switch role {
	case user, assistant, system, tool, "":
		return true
	}
	for i := range len(role) {
		inner := i > 0 && i < len(role)-1 && role[i-1] != ' '
		if c := role[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' && (c != ' ' || !inner) {
			return false
		}
	}
	return true
}

// spelling is the remedy for a role that is not plain.
func spelling(role string) string {
	letters := strings.Map(func(r rune) rune {
		if r = unicode.ToLower(r); unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, role)
	switch known := roleOf(letters); known {
	case user, assistant, system, tool, "developer":
		return "write it as " + quote(known)
	}
	return "write it as system, user, assistant or tool, or in lower-case letters of ASCII"
}

// senderOf returns the sender of ShareGPT for a role.
func senderOf(role string) string {
	switch role {
	case user:
		return "human"
	case assistant:
		return "gpt"
	case tool:
		return "observation"
	}
	return role
}

// answered returns an error for a row whose last message is not the assistant's, because students
// would learn to write that message, and for a message without a role.
func answered(messages []undertone.Message) error {
	if len(messages) == 0 {
		return &Error{Msg: "the row has no messages", Hint: "drop the row"}
	}
	last := len(messages) - 1
	if role := messages[last].Role; role != assistant && role != "" {
		return &Error{Msg: fmt.Sprintf("the last message has the role %s, so the row has no completion", quote(role)),
			Hint: "drop the row, or its messages after the last one of the role assistant" + synonyms(messages[last].Role)}
	}
	for i := range messages {
		if messages[i].Role == "" {
			return &Error{Msg: fmt.Sprintf("message %d of %d has an empty role", i+1, last+1), Hint: "set its role, such as user or assistant, or drop the row"}
		}
	}
	return nil
}

// onlyAnswers returns an error for a completion that has a message of another role than the
// assistant's before its last message. TRL's SFTTrainer masks the tokens of the prompt and learns
// all others, so a student of it would learn the questions and the results of tools too.
func onlyAnswers(completion []undertone.Message) error {
	for i := range max(0, len(completion)-1) {
		if role := completion[i].Role; role != assistant && role != "" {
			return &Error{Msg: fmt.Sprintf("completion[%d] has the role %s; TRL learns every message of a completion, undertone only turns of the assistant", i, quote(role)),
				Hint: `move the messages up to this one to the prompt, or write the row as "messages" and train with assistant_only_loss`}
		}
	}
	return nil
}

// synonyms is the remedy for a role that is none of those that docs/rows.md lists.
func synonyms(role string) string {
	switch role {
	case user, system, tool, "developer":
		return ""
	}
	return "; or write its role as assistant, gpt or model if the assistant wrote it"
}

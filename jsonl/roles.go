package jsonl

import (
	"fmt"

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

// roleOf returns the role that a file names. Other names are roles as they are.
func roleOf(name string) string {
	switch name {
	case "human":
		return user
	case "gpt", "model", "bot", "chatgpt", "bing", "bard":
		return assistant
	case "observation", "function", "function_response", "ipython":
		return tool
	}
	return name
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
			Hint: "drop the row, or its messages after the last one of the role assistant"}
	}
	for i := range messages {
		if messages[i].Role == "" {
			return &Error{Msg: fmt.Sprintf("message %d of %d has an empty role", i+1, last+1), Hint: "set its role, such as user or assistant, or drop the row"}
		}
	}
	return nil
}

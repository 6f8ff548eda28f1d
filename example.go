package undertone

import (
	"encoding/json"
	"strings"
)

// Message is one turn of a chat.
type Message struct {
	Role    string `json:"role"`    // "system", "user", "assistant", or what the row says
	Content string `json:"content"` // UTF-8 text
}

// Example is one training row: the messages before the last one ask, the last
// one answers. A row of bare text is one assistant message with nothing before it.
type Example struct {
	Messages []Message

	// Rejected is the answer that a preference row marks as the worse one.
	Rejected string

	// Generator names the model that wrote the row, where the row says so.
	Generator string

	// Meta holds the row's other fields as they were read; it is not part of the digest.
	Meta map[string]json.RawMessage

	// Source is the text that the row was read from, "" if it was made here. A
	// writer copies it as long as it still says what the row says. It is not
	// part of the digest.
	Source string
}

// NewExample returns the row in which completion answers prompt; an empty prompt gives a row of bare text.
func NewExample(prompt, completion string) Example {
	answer := Message{Role: "assistant", Content: completion}
	if prompt == "" {
		return Example{Messages: []Message{answer}}
	}
	return Example{Messages: []Message{{Role: "user", Content: prompt}, answer}}
}

// Completion returns the content of the last message, or "".
func (e Example) Completion() string {
	if len(e.Messages) == 0 {
		return ""
	}
	return e.Messages[len(e.Messages)-1].Content
}

// Prompt returns the contents of all messages but the last, one a line.
func (e Example) Prompt() string {
	switch len(e.Messages) {
	case 0, 1:
		return ""
	case 2:
		return e.Messages[0].Content
	}
	parts := make([]string, len(e.Messages)-1)
	for i := range parts {
		parts[i] = e.Messages[i].Content
	}
	return strings.Join(parts, "\n")
}

// ID is the digest of the row's content: roles, contents and the rejected
// answer. It does not depend on the row's place, shape or metadata.
func (e Example) ID() Digest {
	if hashing != nil {
		hashing()
	}
	h := NewHasher("row")
	hashMessages(h, e.Messages)
	return h.Text(e.Rejected).Sum()
}

// PromptID is the digest of what the row answers: all messages but the last.
// Rows with one PromptID are resampled and held out together, but for rows of bare
// text, which all have that of no messages and are shared out by their content.
func (e Example) PromptID() Digest {
	if hashing != nil {
		hashing()
	}
	h := NewHasher("prompt")
	hashMessages(h, e.Messages[:max(0, len(e.Messages)-1)])
	return h.Sum()
}

// hashing is called for each digest that is computed of a row. A test sets it to count them.
var hashing func()

func hashMessages(h *Hasher, messages []Message) {
	h.Uint(uint64(len(messages)))
	for _, m := range messages {
		h.Text(m.Role).Text(m.Content)
	}
}

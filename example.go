package undertone

import (
	"encoding/json"
	"strings"
)

// Message is one turn of a chat.
type Message struct {
	Role    string `json:"role"`    // "system", "user", "assistant", or another role of the row
	Content string `json:"content"` // UTF-8 text
}

// Example is one training row. The last message is the completion; the messages before it are the
// prompt. A row of bare text is one assistant message without a prompt.
type Example struct {
	// Messages are the turns of the chat, first to last.
	Messages []Message

	// Rejected is the worse answer of a preference row, or "".
	Rejected string

	// Generator is the name of the model that wrote the row, or "" if unknown.
	Generator string

	// Meta holds the other fields of the row as JSON. It is not part of the row ID.
	Meta map[string]json.RawMessage

	// Source is the text that the row was read from, or "". A writer copies it if it still encodes
	// the row. It is not part of the row ID.
	Source string
}

// NewExample returns a row with this prompt and completion. An empty prompt gives a row of bare
// text.
func NewExample(prompt, completion string) Example {
	answer := Message{Role: "assistant", Content: completion}
	if prompt == "" {
		return Example{Messages: []Message{answer}}
	}
	return Example{Messages: []Message{{Role: "user", Content: prompt}, answer}}
}

// Completion returns the content of the last message, or "" if there is none.
func (e Example) Completion() string {
	if len(e.Messages) == 0 {
		return ""
	}
	return e.Messages[len(e.Messages)-1].Content
}

// Prompt returns the contents of all messages but the last, separated by line feeds.
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

// ID returns the row ID: the digest of the roles, the contents and the rejected answer. It does not
// depend on the index of the row, the format of its file, or its metadata.
func (e Example) ID() Digest {
	if hashing != nil {
		hashing()
	}
	h := NewHasher("row")
	hashMessages(h, e.Messages)
	return h.Text(e.Rejected).Sum()
}

// PromptID returns the prompt group ID: the digest of all messages but the last. Rows of one prompt
// group are resampled and held out together. All rows of bare text have the PromptID of no
// messages; they are assigned individually, by their content.
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

package undertone

import "slices"

// Message is one turn of a chat. Role and Content are enough for most chats; the other fields are
// zero where a row lacks them.
type Message struct {
	Role    string `json:"role"`    // "system", "user", "assistant", "tool", or another role of the row
	Content string `json:"content"` // UTF-8 text

	// Reasoning is the text that the assistant wrote before its content: the fields
	// "reasoning_content", "reasoning" and "thinking" of files.
	Reasoning string `json:"reasoning,omitempty"`

	// ToolCalls are the calls that the assistant wrote after its content.
	ToolCalls []ToolCall `json:"tool_calls,omitempty"`

	// ToolCallID is the ID of the call that a message of the role "tool" answers, or "".
	ToolCallID string `json:"tool_call_id,omitempty"`

	// Name is the name of the author or of the tool, or "".
	Name string `json:"name,omitempty"`

	// Masked means that training does not learn the turn, and scoring does not score it, although
	// the assistant wrote it: it has weight 0, train false or loss false.
	Masked bool `json:"masked,omitempty"`
}

// ToolCall is a call of a function by the assistant.
type ToolCall struct {
	ID   string `json:"id,omitempty"` // links the call to the message with its result, or ""
	Name string `json:"name"`         // of the function

	// Arguments is the JSON text of the arguments.
	Arguments string `json:"arguments"`

	// Object means that the row holds the arguments as a JSON object. Otherwise it holds a string,
	// whose content is Arguments. Chat templates render the two differently.
	Object bool `json:"object,omitempty"`
}

// Equal reports whether two messages are equal in all fields.
func (m Message) Equal(other Message) bool {
	return m.Role == other.Role && m.Content == other.Content && m.Reasoning == other.Reasoning && m.ToolCallID == other.ToolCallID &&
		m.Name == other.Name && m.Masked == other.Masked && slices.Equal(m.ToolCalls, other.ToolCalls)
}

// EqualMessages reports whether two chats are equal.
func EqualMessages(a, b []Message) bool { return slices.EqualFunc(a, b, Message.Equal) }

// plain reports whether the message has no field that is text besides role and content.
func (m *Message) plain() bool {
	return m.Reasoning == "" && len(m.ToolCalls) == 0 && m.ToolCallID == "" && m.Name == ""
}

// hashMore adds the fields of the messages besides role and content to the digest, and nothing for
// messages that have none. The IDs that link calls and results are part of it only if ids is set.
func hashMore(h *Hasher, messages []Message, ids bool) {
	for i := range messages {
		m := &messages[i]
		if m.plain() {
			continue
		}
		h.Text("message").Uint(uint64(i)).Text(m.Name).Text(m.Reasoning).Uint(uint64(len(m.ToolCalls)))
		for _, c := range m.ToolCalls {
			h.Text(c.Name).Text(c.Arguments).Uint(bit(c.Object))
			if ids {
				h.Text(c.ID)
			}
		}
		if ids {
			h.Text(m.ToolCallID)
		}
	}
}

func bit(set bool) uint64 {
	if set {
		return 1
	}
	return 0
}

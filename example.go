package undertone

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"strings"
)

// Example is one training row. The turns of the assistant are the completion, the other messages
// are the prompt; see [Example.Learnt]. A row of bare text is one assistant message without a
// prompt.
type Example struct {
	// Messages are the turns of the chat, first to last.
	Messages []Message

	// Turns selects the turns that are learnt (default AllTurns).
	Turns Turns

	// Rejected is the worse answer of a preference row, or "".
	Rejected string

	// Label says whether the answer is a good one, or is nil. A student learns no turn of a row
	// with the label false.
	Label *bool

	// Tools is the JSON text of the tools that the row offers to the assistant, or "". It is part
	// of the prompt.
	Tools string

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

// Completion returns the text of the answers ([Example.Answers]): the content of a row with one
// plain answer. The reasoning, the content and the tool calls of each answer follow each other,
// separated by line feeds; see [Example.Pieces].
func (e Example) Completion() string {
	last := len(e.Messages) - 1
	if last >= 0 && e.single() && e.Messages[last].plain() {
		return e.Messages[last].Content
	}
	var b strings.Builder
	for i, p := range e.Pieces() {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.Text)
	}
	return b.String()
}

// Prompt returns the text of the tools and of all messages but the answers, separated by line
// feeds.
func (e Example) Prompt() string {
	if e.Tools == "" && e.single() {
		switch last := len(e.Messages) - 1; {
		case last == 0:
			return ""
		case last == 1 && e.Messages[0].plain():
			return e.Messages[0].Content
		}
	}
	var parts []string
	if e.Tools != "" {
		parts = append(parts, resolve(e.Tools))
	}
	prompt, _ := e.Split()
	for _, m := range prompt {
		parts = append(parts, m.Text())
	}
	return strings.Join(parts, "\n")
}

// Split returns the messages of the prompt and the answers ([Example.Answers]), each in the order
// of the row. They share the memory of the row if its last message is the only answer.
func (e Example) Split() (prompt, answers []Message) {
	if e.single() {
		last := len(e.Messages) - 1
		return e.Messages[:last:last], e.Messages[last:]
	}
	at := e.Answers()
	for i, m := range e.Messages {
		if len(at) > 0 && at[0] == i {
			at, answers = at[1:], append(answers, m)
			continue
		}
		prompt = append(prompt, m)
	}
	return prompt, answers
}

// ID returns the row ID: the digest of the messages, the rejected answer, the tools, the label, and
// the choice of learnt turns where it is not the default. It does not depend on the index of the
// row, the format of its file, or its metadata.
func (e Example) ID() Digest {
	if hashing != nil {
		hashing()
	}
	if id, ok := e.shortID(); ok {
		return id
	}
	h := NewHasher("row")
	hashMessages(h, e.Messages)
	h.Text(e.Rejected)
	hashMore(h, e.Messages, true)
	if e.Tools != "" {
		h.Text("tools").Text(e.Tools)
	}
	if e.Label != nil {
		h.Text("label").Uint(bit(*e.Label))
	}
	if !e.single() && !e.standard() {
		learnt := e.unmasked()
		h.Text("learnt").Uint(uint64(len(learnt)))
		for _, i := range learnt {
			h.Uint(uint64(i))
		}
	}
	return h.Sum()
}

// shortID returns the row ID of a short row of plain messages, without an allocation, or false.
func (e Example) shortID() (id Digest, ok bool) {
	size := len("row") + len(e.Rejected) + 3*8
	for i := range e.Messages {
		m := &e.Messages[i]
		if !m.plain() {
			return id, false
		}
		size += len(m.Role) + len(m.Content) + 2*8
	}
	var block [1024]byte
	if size > len(block) || e.Tools != "" || e.Label != nil || !e.single() && !e.standard() {
		return id, false
	}
	text := func(form []byte, s string) []byte {
		return append(binary.BigEndian.AppendUint64(form, uint64(len(s))), s...)
	}
	form := text(block[:0], "row") // as in ID
	form = binary.BigEndian.AppendUint64(form, uint64(len(e.Messages)))
	for i := range e.Messages {
		form = text(text(form, e.Messages[i].Role), e.Messages[i].Content)
	}
	return sha256.Sum256(text(form, e.Rejected)), true
}

// PromptID returns the prompt group ID: the digest of the messages of the prompt, which are all but
// the answers, and of the tools. Rows of one prompt group are resampled and held out together. All
// rows of bare text have the PromptID of no messages; they are assigned individually, by their
// content.
func (e Example) PromptID() Digest {
	if hashing != nil {
		hashing()
	}
	h := NewHasher("prompt")
	asked, _ := e.Split()
	hashMessages(h, asked)
	hashMore(h, asked, false)
	if e.Tools != "" {
		h.Text("tools").Text(e.Tools)
	}
	return h.Sum()
}

// hashing is called for each digest that is computed of a row. A test sets it to count them.
var hashing func()

func hashMessages(h *Hasher, messages []Message) {
	h.Uint(uint64(len(messages)))
	for i := range messages {
		h.Text(messages[i].Role).Text(messages[i].Content)
	}
}

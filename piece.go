package undertone

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Field names a text of a message.
type Field uint8

const (
	Content   Field = iota // [Message.Content]
	Reasoning              // [Message.Reasoning]
	Call                   // one of [Message.ToolCalls]: its name and its arguments
)

// Piece is one text of a row's answers.
type Piece struct {
	Message int    // index of the message
	Field   Field  // which text of the message
	Call    int    // index of the tool call, if Field is Call
	Text    string // UTF-8 text
	From    int    // the first byte of the text in [Example.Completion]
}

// Pieces returns the texts of the answers in the order in which the assistant wrote them: of each
// answer the reasoning, the content and the tool calls. Empty texts are left out, except the only
// text of a row.
func (e Example) Pieces() []Piece {
	var pieces []Piece
	at := 0
	add := func(p Piece) {
		if p.Text == "" {
			return
		}
		p.From = at
		at += len(p.Text) + 1
		pieces = append(pieces, p)
	}
	answers := e.Answers()
	for _, i := range answers {
		m := &e.Messages[i]
		add(Piece{Message: i, Field: Reasoning, Text: m.Reasoning})
		add(Piece{Message: i, Field: Content, Text: m.Content})
		for c := range m.ToolCalls {
			add(Piece{Message: i, Field: Call, Call: c, Text: m.ToolCalls[c].text()})
		}
	}
	if len(pieces) == 0 && len(answers) > 0 {
		return []Piece{{Message: answers[len(answers)-1], Field: Content}}
	}
	return pieces
}

// Text returns what a reader sees of the message: reasoning, content and tool calls, separated by
// line feeds. It is the content of a message that has no other text.
func (m Message) Text() string {
	if m.Reasoning == "" && len(m.ToolCalls) == 0 {
		return m.Content
	}
	var parts []string
	for _, part := range []string{m.Reasoning, m.Content} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	for _, c := range m.ToolCalls {
		parts = append(parts, c.text())
	}
	return strings.Join(parts, "\n")
}

// text returns the name and the arguments of the call. Escapes in the arguments are resolved, so
// that a filter sees the characters that they stand for.
func (c ToolCall) text() string { return c.Name + " " + resolve(c.Arguments) }

// resolve replaces the escapes of strings in a JSON text by what they stand for. It does not check
// the text, and copies what is not an escape.
func resolve(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, n := escape(text[i:])
		if n == 0 {
			b.WriteByte(text[i])
			i++
			continue
		}
		b.WriteRune(r)
		i += n
	}
	return b.String()
}

// escape returns the character and the length of the escape at the start of text; the length is 0
// if there is none.
func escape(text string) (rune, int) {
	if len(text) < 2 || text[0] != '\\' {
		return 0, 0
	}
	switch text[1] {
	case '"', '\\', '/':
		return rune(text[1]), 2
	case 'b', 'f', 'r', 'n', 't':
		return '\n', 2
	case 'u':
		r, ok := hex4(text[2:])
		if !ok {
			return 0, 0
		}
		if low, ok := hex4(strings.TrimPrefix(text[6:], `\u`)); ok && strings.HasPrefix(text[6:], `\u`) {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
		return r, 6
	}
	return 0, 0
}

// hex4 returns the number that the first four hexadecimal digits of text stand for.
func hex4(text string) (rune, bool) {
	if len(text) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(text[:4], 16, 16)
	return rune(n), err == nil
}

package chattemplate

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Addition is text that a template writes and no message contains, or another property of a
// template that changes what a model learns.
type Addition struct {
	Kind AdditionKind `json:"kind"`
	Text string       `json:"text,omitempty"` // what the template writes
}

// AdditionKind is the kind of an [Addition].
type AdditionKind string

// The kinds of additions.
const (
	// SystemPrompt is a system prompt or another text before the first message.
	SystemPrompt AdditionKind = "system prompt"

	// Date is a date: the template asks for the day. Renderings have the day [Today].
	Date AdditionKind = "date"

	// BeforeAnswer is text between the header of the last answer and the answer, such as an empty
	// block of thoughts.
	BeforeAnswer AdditionKind = "text before the answer"

	// OtherPrompt is the end of the text after which transformers would ask for an answer, if it is
	// not the text before an answer in training. Undertone asks after the text before an answer.
	OtherPrompt AdditionKind = "other generation prompt"

	// NoSystem says that the template leaves out system messages.
	NoSystem AdditionKind = "no system message"
)

// String describes an addition for people.
func (a Addition) String() string {
	switch a.Kind {
	case SystemPrompt:
		return "the template adds a system prompt: " + shown(a.Text)
	case Date:
		return "the template writes the date; it is fixed at " + Today
	case BeforeAnswer:
		return "the template adds text before the answer: " + shown(a.Text)
	case OtherPrompt:
		return "the template's generation prompt ends with " + shown(a.Text) + ", but training answers follow other text; answers are asked for after the text of training"
	}
	return "the template leaves out system messages"
}

// shown returns a text with quotes, and its middle left out if it is long.
func shown(s string) string {
	const most = 300
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most/2], "") + " […] " + strings.ToValidUTF8(s[len(s)-most/2:], "")
	}
	return strconv.Quote(s)
}

// additions are the additions to conversations.
type additions struct{ withoutSystem, withSystem []Addition }

// Additions returns what the template adds to conversations like c: those that begin with a system
// message, or those that do not. It does not depend on the contents.
func (t *Template) Additions(c Conversation) []Addition {
	if len(c.Messages) > 0 && c.Messages[0].Role == "system" {
		return t.added().withSystem
	}
	return t.added().withoutSystem
}

// The contents of the conversations by which additions are found. They are no words.
const (
	probeSystem = "qzsystemzq"
	probeUser   = "qzuserzq"
	probeAnswer = "qzanswerzq"
)

func (t *Template) additions() additions {
	user := []Message{{Role: "user", Content: probeUser + "1"}, {Role: "assistant", Content: probeAnswer + "1"}, {Role: "user", Content: probeUser + "2"}, {Role: "assistant", Content: probeAnswer + "2"}}
	system := append([]Message{{Role: "system", Content: probeSystem}}, user...)
	return additions{t.probe(user), t.probe(system)}
}

// probe returns the additions to a conversation of two answers, which begins with a system
// message or does not.
func (t *Template) probe(messages []Message) []Addition {
	text, err := t.Render(Conversation{Messages: messages})
	if err != nil {
		return nil // rows of this shape are refused
	}
	var all []Addition
	userHeader := between(text, probeAnswer+"1", probeUser+"2")
	start, _, _ := strings.Cut(text, probeUser+"1")
	if messages[0].Content == probeSystem {
		before, after, ok := strings.Cut(start, probeSystem)
		if !ok {
			all = append(all, Addition{Kind: NoSystem})
		} else if t.says(before) {
			all = append(all, Addition{SystemPrompt, before})
		}
		start = after
	}
	if start = withoutEnd(start, userHeader); t.says(start) {
		all = append(all, Addition{SystemPrompt, start})
	}
	later, err := t.render(Conversation{Messages: messages}, mode{date: date{time.Date(1999, time.December, 1, 0, 0, 0, 0, time.UTC)}})
	if err == nil && later != text {
		all = append(all, Addition{Kind: Date})
	}
	return append(all, t.beforeAnswer(text, messages)...)
}

// beforeAnswer returns what the template adds between the header of the last answer and the
// answer. The header is the generation prompt or, in a template without one, the header of an
// earlier answer.
func (t *Template) beforeAnswer(text string, messages []Message) (all []Addition) {
	last := between(text, probeUser+"2", probeAnswer+"2")
	header := between(text, probeUser+"1", probeAnswer+"1")
	question := Conversation{Messages: messages[:len(messages)-1]}
	plain, err := t.Render(question)
	question.Prompt = true
	asked, promptErr := t.Render(question)
	if _, prompt, ok := strings.Cut(asked, probeUser+"2"); ok && err == nil && promptErr == nil && asked != plain {
		if strings.HasPrefix(last, prompt) {
			header = prompt
		} else if t.says(prompt[commonStart(prompt, last):]) {
			all = append(all, Addition{OtherPrompt, prompt})
		}
	}
	if extra := last[commonStart(last, header):]; t.says(extra) {
		all = append(all, Addition{BeforeAnswer, extra})
	}
	return all
}

// between returns the text between two texts, or "" if it does not have both.
func between(s, after, before string) string {
	_, s, _ = strings.Cut(s, after)
	s, _, ok := strings.Cut(s, before)
	if !ok {
		return ""
	}
	return s
}

// withoutEnd returns s without its common end with other, which does not begin within a token such
// as <s>.
func withoutEnd(s, other string) string {
	cut := s[:len(s)-commonEnd(s, other)]
	if strings.LastIndexByte(cut, '<') > strings.LastIndexByte(cut, '>') {
		cut = s[:len(cut)+strings.IndexByte(s[len(cut):]+">", '>')+1]
	}
	return cut[:min(len(cut), len(s))]
}

func commonStart(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

func commonEnd(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// framing matches the tokens and role names that frame a message and say nothing.
var framing = regexp.MustCompile(`<[|｜][^<>]{1,60}[|｜]>|\[/?[A-Z_]{2,40}\]|</?s>|<<?/?SYS>>?|<(?:start|end)_of_turn>|<\|?/?[a-z_]*(?:bos|eos|turn)[a-z_]*\|?>|\b(?i:system|user|assistant|model|human|bot|gpt|developer)\b`)

// says reports whether a text has a letter or a digit besides special tokens and names of roles.
func (t *Template) says(s string) bool {
	for _, token := range t.controls.tokens {
		s = strings.ReplaceAll(s, token, " ")
	}
	for _, token := range t.tokens {
		if token != "" {
			s = strings.ReplaceAll(s, token, " ")
		}
	}
	return strings.ContainsFunc(framing.ReplaceAllString(s, " "), func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) })
}

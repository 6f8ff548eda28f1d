package chattemplate

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrTurn is wrapped by the errors of templates in whose text the answer of a turn cannot be found.
var ErrTurn = errors.New("the answer cannot be found in the text of the template")

// Segment is a part of a rendered text.
type Segment struct {
	Text string

	// Content says that the text comes from the conversation and must not become special tokens.
	// Other segments have no special tokens from the conversation.
	Content bool
}

// Turn is what a turn of a model says, in the rendered text.
type Turn struct {
	Message  int // index
	From, To int // bytes

	// Content is the byte of the message's content at which the bytes start, or -1 if the template
	// changes the content beyond removing text at its ends.
	Content int
}

// Rendering is the text of a conversation, and where turns are in it.
type Rendering struct {
	Segments []Segment
	Turns    []Turn // first to last
}

// Text returns the whole text.
func (r Rendering) Text() string {
	var b strings.Builder
	for _, s := range r.Segments {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Place renders a conversation and finds what the messages with the indices turns, in ascending
// order, say: content, reasoning and tool calls, without the text that the template puts around
// them. It renders the conversation with and without them and takes the bytes that differ, which
// must hold the content and the names of the calls. The error wraps [ErrTurn] if the template
// leaves an answer or a call out, repeats or rewrites it.
func (t *Template) Place(c Conversation, turns ...int) (Rendering, error) {
	for i, turn := range turns {
		if turn < 0 || turn >= len(c.Messages) || i > 0 && turn <= turns[i-1] {
			return Rendering{}, fmt.Errorf("chat template: turn %d of %d messages is out of range or out of order", turn, len(c.Messages))
		}
	}
	if f := t.Frame(c); f != nil && f.Fits(func(m int) string { return c.Messages[m].Content }) {
		if _, err := c.check(); err != nil {
			return Rendering{}, err
		}
		if r, ok := f.fill(c, turns); ok {
			return r, nil
		}
	}
	return t.place(c, turns...)
}

// place is Place without a frame.
func (t *Template) place(c Conversation, turns ...int) (Rendering, error) {
	if err := c.clean(); err != nil {
		return Rendering{}, err
	}
	text, err := t.render(c, mode{escape: t.controls.escape})
	if err != nil {
		return Rendering{}, err
	}
	if holed(text) {
		return Rendering{}, fmt.Errorf("chat template: %w: the template has a character from U+%X", ErrTurn, firstHole)
	}
	r := Rendering{Segments: t.unescape(text)}
	if found, ok := t.findAll(c, turns, text); ok {
		r.Turns = found
		return r, nil
	}
	for _, turn := range turns {
		u, err := t.find(c, turn, text)
		if err == nil && len(r.Turns) > 0 && u.From < r.Turns[len(r.Turns)-1].To {
			err = fmt.Errorf("%w: it stands before the answer of an earlier message", ErrTurn)
		}
		if err != nil {
			return Rendering{}, fmt.Errorf("chat template: message %d: %w", turn, err)
		}
		r.Turns = append(r.Turns, u)
	}
	return r, nil
}

// find returns what a message says in the text of a conversation.
func (t *Template) find(c Conversation, turn int, text string) (Turn, error) {
	hole := string(firstHole)
	without := c
	without.Messages = slices.Clone(c.Messages)
	without.Messages[turn] = Message{Role: c.Messages[turn].Role, Content: hole}
	blank, err := t.render(without, mode{escape: t.controls.escape})
	if err != nil {
		return Turn{}, err
	}
	switch n := strings.Count(blank, hole); {
	case n == 0:
		return Turn{}, fmt.Errorf("%w: the template leaves it out", ErrTurn)
	case n > 1:
		return Turn{}, fmt.Errorf("%w: the template writes it %d times", ErrTurn, n)
	}
	before, after, _ := strings.Cut(blank, hole)
	from, to := differing(text, before, after)
	return t.turn(c, turn, text, from, to)
}

// findAll returns what the messages say in the text of a conversation, as find does, with one
// rendering without all of them. It is not ok if the text does not consist of that rendering and of
// what is said between its parts. A part holds a special token, which no message can spell, so that
// its place is certain.
func (t *Template) findAll(c Conversation, turns []int, text string) (all []Turn, ok bool) {
	if len(turns) < 2 {
		return nil, false
	}
	without := c
	without.Messages = slices.Clone(c.Messages)
	for _, turn := range turns {
		without.Messages[turn] = Message{Role: c.Messages[turn].Role, Content: string(firstHole + rune(turn))}
	}
	blank, err := t.render(without, mode{escape: t.controls.escape})
	if err != nil {
		return nil, false
	}
	before, blank, ok := strings.Cut(blank, string(firstHole+rune(turns[0])))
	if !ok || !strings.HasPrefix(text, before) {
		return nil, false
	}
	from := len(before)
	for i, turn := range turns {
		after, rest, to := blank, "", len(text)-len(blank)
		if i+1 < len(turns) {
			if after, rest, ok = strings.Cut(blank, string(firstHole+rune(turns[i+1]))); !ok || !t.controls.in(after) {
				return nil, false
			}
			to = from + strings.Index(text[from:], after)
		}
		if to < from || text[to:to+len(after)] != after || holed(after) {
			return nil, false
		}
		u, err := t.turn(c, turn, text, from, to)
		if err != nil {
			return nil, false
		}
		all = append(all, u)
		from, blank = to+len(after), rest
	}
	return all, true
}

// turn returns the turn of a message that says text[from:to].
func (t *Template) turn(c Conversation, turn int, text string, from, to int) (Turn, error) {
	message := c.Messages[turn]
	message.Content = t.controls.escape(message.Content)
	from, to, err := t.covering(text, from, to, message)
	if err != nil {
		return Turn{}, err
	}
	u := Turn{Message: turn, From: t.unescaped(text[:from]), Content: strings.Index(message.Content, text[from:to])}
	u.To = u.From + t.unescaped(text[from:to])
	if u.Content > 0 {
		u.Content = t.unescaped(message.Content[:u.Content])
	}
	return u, nil
}

// differing returns the bytes of a text that are neither its common start with before nor its
// common end with after.
func differing(s, before, after string) (from, to int) {
	for from < min(len(s), len(before)) && s[from] == before[from] {
		from++
	}
	to = len(s)
	for n := len(after); to > from && n > 0 && s[to-1] == after[n-1]; n-- {
		to--
	}
	for from > 0 && from < len(s) && !utf8.RuneStart(s[from]) {
		from--
	}
	for to < len(s) && !utf8.RuneStart(s[to]) {
		to++
	}
	return from, to
}

// covering returns the bytes of what a message says: the content, if it stands around the differing
// bytes, and otherwise these bytes, which must hold the answer without its reasoning.
func (t *Template) covering(s string, from, to int, m Message) (int, int, error) {
	for _, content := range []string{m.Content, strings.TrimRightFunc(m.Content, isSpace), strings.TrimLeftFunc(m.Content, isSpace), strings.TrimFunc(m.Content, isSpace)} {
		start := max(0, to-len(content))
		if m.Reasoning != "" || m.ToolCalls != nil || content == "" || start > from || from+len(content) > len(s) && start+len(content) > len(s) {
			continue
		}
		if i := strings.Index(s[start:min(len(s), from+len(content))], content); i >= 0 {
			return start + i, start + i + len(content), nil
		}
	}
	called := map[string]int{}
	for _, call := range m.ToolCalls {
		name := t.controls.escape(calledName(call))
		if called[name]++; name != "" && strings.Count(s[from:to], name) < called[name] {
			return 0, 0, fmt.Errorf("%w: the template leaves its call of %.80q out", ErrTurn, name)
		}
	}
	answer := m.Content
	if i := strings.LastIndex(answer, "</think>"); i >= 0 {
		answer = answer[i+len("</think>"):]
	}
	if m.ToolCalls != nil && to > from {
		return from, to, nil // some templates write calls only
	}
	if answer = strings.TrimFunc(answer, isSpace); !strings.Contains(s[from:to], answer) {
		return 0, 0, fmt.Errorf("%w: the template rewrites it: %.80q becomes %.80q", ErrTurn, answer, s[from:to])
	}
	return from, to, nil
}

// calledName returns the name of the function that a call names, or "".
func calledName(call json.RawMessage) string {
	var fields struct {
		Name     string
		Function struct{ Name string }
	}
	if json.Unmarshal(call, &fields) != nil {
		return ""
	}
	return cmp.Or(fields.Function.Name, fields.Name)
}

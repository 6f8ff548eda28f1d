package chattemplate

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// frames are the frames of a template by the shape of conversations: the roles of their messages.
type frames struct {
	off   bool // the template has characters that stand for contents
	mutex sync.RWMutex
	known map[string]*Frame // nil for a shape without a frame
}

// maxFrames bounds the shapes that a template remembers.
const maxFrames = 256

// Frame is the text of the conversations of one shape: those with the same roles, and no more than
// roles and contents. It holds for contents that [Frame.Fits] accepts.
type Frame struct {
	Parts  []Part
	guards []guard
}

// Part is a part of a frame: text of the template, or the place of a content.
type Part struct {
	Text    string
	Message int // whose content stands here; -1 for text of the template
}

// Fits reports whether the text of a conversation is that of the frame with these contents.
func (f *Frame) Fits(content func(message int) string) bool {
	for _, g := range f.guards {
		if g.ask(content(g.message)) != g.answer {
			return false
		}
	}
	return true
}

// Once reports whether the content of a message stands in the frame once.
func (f *Frame) Once(message int) bool {
	n := 0
	for _, p := range f.Parts {
		if p.Message == message {
			n++
		}
	}
	return n == 1
}

// shape returns the shape of a conversation, if it has a frame.
func (c Conversation) shape() (string, bool) {
	if c.Tools != nil || c.Variables != nil || c.Prompt {
		return "", false
	}
	var b strings.Builder
	for _, m := range c.Messages {
		if m.Reasoning != "" || m.ToolCalls != nil || m.Name != "" || m.ToolCallID != "" || holed(m.Role) {
			return "", false
		}
		b.WriteString(m.Role)
		b.WriteByte(0)
	}
	return b.String(), true
}

// Frame returns the frame of the shape of a conversation, or nil if the template looks at
// contents in a way that no frame holds for, or if the conversation has more than roles and
// contents.
func (t *Template) Frame(c Conversation) *Frame {
	shape, ok := c.shape()
	if !ok || t.frames.off {
		return nil
	}
	t.frames.mutex.RLock()
	f, known := t.frames.known[shape]
	full := len(t.frames.known) >= maxFrames
	t.frames.mutex.RUnlock()
	if known || full {
		return f
	}
	f = t.newFrame(c)
	t.frames.mutex.Lock()
	defer t.frames.mutex.Unlock()
	if other, ok := t.frames.known[shape]; ok {
		return other
	}
	if t.frames.known == nil {
		t.frames.known = map[string]*Frame{}
	}
	t.frames.known[shape] = f
	return f
}

// newFrame returns the frame of conversations of the shape of c, or nil if the template looks at
// the contents.
func (t *Template) newFrame(c Conversation) *Frame {
	tr := &trace{}
	text, err := t.render(c, mode{trace: tr})
	if err != nil || tr.seen {
		return nil
	}
	f := &Frame{guards: slices.Compact(tr.guards)}
	for text != "" {
		at := strings.Index(text, holePrefix)
		if at < 0 {
			at = len(text)
		}
		if at > 0 {
			f.Parts = append(f.Parts, Part{text[:at], -1})
		}
		if text = text[at:]; text != "" {
			r, n := utf8.DecodeRuneInString(text)
			f.Parts, text = append(f.Parts, Part{"", int(r - firstHole)}), text[n:]
		}
	}
	return f
}

// fill returns the text of a conversation, and the contents of messages in it; ok is false if the
// text does not have these contents once each, in order.
func (f *Frame) fill(c Conversation, turns []int) (r Rendering, ok bool) {
	r.Segments = make([]Segment, len(f.Parts))
	r.Turns = make([]Turn, 0, len(turns))
	at := 0
	for i, p := range f.Parts {
		s := Segment{Text: p.Text}
		if p.Message >= 0 {
			s = Segment{c.Messages[p.Message].Content, true}
			if slices.Contains(turns, p.Message) {
				r.Turns = append(r.Turns, Turn{Message: p.Message, From: at, To: at + len(s.Text)})
			}
		}
		r.Segments[i] = s
		at += len(s.Text)
	}
	return r, slices.EqualFunc(r.Turns, turns, func(u Turn, m int) bool { return u.Message == m })
}

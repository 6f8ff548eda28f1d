package chattemplate

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// frames are the frames of a template by the shape of conversations: the roles of their messages. A
// conversation with more than roles and contents has no frame.
type frames struct {
	off   bool // the template has characters that stand for contents
	mutex sync.RWMutex
	known map[string]*frame // nil for a shape without a frame
}

// maxFrames bounds the shapes that a template remembers.
const maxFrames = 256

// frame is the text of all conversations of one shape whose contents answer the guards alike.
type frame struct {
	segments []Segment // the text of a content is missing
	contents []int     // the message of each segment, or -1
	guards   []guard
}

// shape returns the shape of a conversation, if it has a frame.
func (c Conversation) shape() (string, bool) {
	if c.Tools != nil || c.Variables != nil || c.Prompt {
		return "", false
	}
	var b strings.Builder
	for _, m := range c.Messages {
		if m.Reasoning != "" || m.ToolCalls != nil || m.Name != "" || m.ToolCallID != "" || holed(m.Content) || holed(m.Role) {
			return "", false
		}
		b.WriteString(m.Role)
		b.WriteByte(0)
	}
	return b.String(), true
}

// frame returns the frame of a conversation, or nil.
func (t *Template) frame(c Conversation) *frame {
	shape, ok := c.shape()
	if !ok || t.frames.off {
		return nil
	}
	t.frames.mutex.RLock()
	f, known := t.frames.known[shape]
	full := len(t.frames.known) >= maxFrames
	t.frames.mutex.RUnlock()
	if !known && !full {
		f = t.newFrame(c)
		t.frames.mutex.Lock()
		if t.frames.known == nil {
			t.frames.known = map[string]*frame{}
		}
		t.frames.known[strings.Clone(shape)] = f
		t.frames.mutex.Unlock()
	}
	if f == nil {
		return nil
	}
	for _, g := range f.guards {
		if g.ask(c.Messages[g.message].Content) != g.answer {
			return nil
		}
	}
	return f
}

// newFrame returns the frame of conversations of the shape of c, or nil if the template looks at the
// contents.
func (t *Template) newFrame(c Conversation) *frame {
	tr := &trace{}
	text, err := t.render(c, mode{trace: tr})
	if err != nil || tr.seen {
		return nil
	}
	f := &frame{guards: tr.guards}
	for text != "" {
		at := strings.Index(text, holePrefix)
		if at < 0 {
			at = len(text)
		}
		if at > 0 {
			f.segments, f.contents = append(f.segments, Segment{Text: text[:at]}), append(f.contents, -1)
		}
		if text = text[at:]; text != "" {
			r, n := utf8.DecodeRuneInString(text)
			f.segments, f.contents = append(f.segments, Segment{Content: true}), append(f.contents, int(r-firstHole))
			text = text[n:]
		}
	}
	return f
}

// fill returns the text of a conversation, and the contents of messages in it; ok is false if the text
// does not have these contents once each, in order.
func (f *frame) fill(c Conversation, turns []int) (r Rendering, ok bool) {
	r.Segments = make([]Segment, len(f.segments))
	r.Turns = make([]Turn, 0, len(turns))
	at := 0
	for i, s := range f.segments {
		if m := f.contents[i]; m >= 0 {
			s.Text = c.Messages[m].Content
			if slices.Contains(turns, m) {
				r.Turns = append(r.Turns, Turn{Message: m, From: at, To: at + len(s.Text)})
			}
		}
		r.Segments[i] = s
		at += len(s.Text)
	}
	return r, slices.EqualFunc(r.Turns, turns, func(u Turn, m int) bool { return u.Message == m })
}

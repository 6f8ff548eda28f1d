package lm

import (
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm/chattemplate"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
)

// step is a step of encoding a row that a template in Jinja renders.
type step struct {
	kind stepKind
	text string            // of addText
	id   int32             // of addToken
	turn chattemplate.Turn // of the others; addContent has its message only
}

type stepKind uint8

const (
	addText    stepKind = iota
	addToken            // a token that the template spells
	addContent          // the content of a message; special tokens in it are text
	startTurn           // what follows is said by the assistant
	endTurn             //
)

// plan is the steps of rows with the same roles whose contents fit the frame; nil if a row with
// these roles has no frame.
type plan struct {
	frame *chattemplate.Frame
	steps []step
}

// maxRoles bounds the text by which plans are found.
const maxRoles = 256

// steps returns the steps of a row. The last message is the assistant's, whatever its role. The
// turns that are marked are the last one and the learnt ones; those of a plan are all turns of
// the assistant.
func (p *program) steps(tok *tokenizer.Tokenizer, messages []undertone.Message, tools string, learnt []int) ([]step, error) {
	var buffer [maxRoles]byte
	roles, ok := rolesOf(buffer[:0], messages)
	if ok = ok && tools == ""; ok {
		if known, found := p.plans.Load(string(roles)); found {
			if k := known.(*plan); k != nil && k.frame.Fits(func(m int) string { return messages[m].Content }) {
				return k.steps, nil
			} else if k != nil {
				ok = false
			}
		}
	}
	last := len(messages) - 1
	t, c, err := p.conversation(messages, tools)
	if err != nil {
		return nil, err
	}
	c.Messages[last].Role = assistant
	if ok {
		k := p.newPlan(tok, t.Frame(c), messages)
		p.plans.Store(string(roles), k)
		if k != nil && k.frame.Fits(func(m int) string { return messages[m].Content }) {
			return k.steps, nil
		}
	}
	turns := slices.Clone(learnt)
	if !slices.Contains(turns, last) {
		turns = append(turns, last)
	}
	r, err := t.Place(c, turns...)
	if err != nil {
		return nil, err
	}
	return stepsOf(tok, r), nil
}

const assistant = "assistant"

// rolesOf appends the roles of messages that have no more than a role and a content, if they are
// short.
func rolesOf(b []byte, messages []undertone.Message) ([]byte, bool) {
	for i := range messages {
		m := &messages[i]
		role := m.Role
		if i == len(messages)-1 {
			role = assistant
		}
		if m.Reasoning != "" || len(m.ToolCalls) > 0 || m.ToolCallID != "" || m.Name != "" || len(b)+len(role) >= cap(b) {
			return b, false
		}
		b = append(append(b, role...), 0)
	}
	return b, true
}

// newPlan returns the plan of a frame, or nil if there is none or if an answer is not in it once.
func (p *program) newPlan(tok *tokenizer.Tokenizer, f *chattemplate.Frame, messages []undertone.Message) *plan {
	if f == nil {
		return nil
	}
	k := &plan{frame: f}
	for _, part := range f.Parts {
		if part.Message < 0 {
			k.steps = appendText(k.steps, tok, part.Text)
			continue
		}
		u := chattemplate.Turn{Message: part.Message}
		said := messages[part.Message].Role == assistant || part.Message == len(messages)-1
		if said && !f.Once(part.Message) {
			return nil
		}
		if said {
			k.steps = append(k.steps, step{kind: startTurn, turn: u}, step{kind: addContent, turn: u}, step{kind: endTurn, turn: u})
		} else {
			k.steps = append(k.steps, step{kind: addContent, turn: u})
		}
	}
	if !f.Once(len(messages) - 1) {
		return nil
	}
	return k
}

// stepsOf returns the steps of a rendering.
func stepsOf(tok *tokenizer.Tokenizer, r chattemplate.Rendering) []step {
	var steps []step
	rest, at := r.Segments, 0
	add := func(to int) {
		var part []chattemplate.Segment
		part, rest = cut(rest, to-at)
		at = to
		for _, s := range part {
			if s.Content {
				steps = append(steps, step{kind: addText, text: s.Text})
				continue
			}
			steps = appendText(steps, tok, s.Text)
		}
	}
	for _, u := range r.Turns {
		add(u.From)
		steps = append(steps, step{kind: startTurn, turn: u})
		add(u.To)
		steps = append(steps, step{kind: endTurn, turn: u})
	}
	for _, s := range rest {
		add(at + len(s.Text))
	}
	return steps
}

// appendText appends the steps of text of a template.
func appendText(steps []step, tok *tokenizer.Tokenizer, text string) []step {
	tok.SplitChat(text,
		func(text string) { steps = append(steps, step{kind: addText, text: text}) },
		func(id int32) { steps = append(steps, step{kind: addToken, id: id}) })
	return steps
}

// cut divides segments before byte n.
func cut(all []chattemplate.Segment, n int) (before, after []chattemplate.Segment) {
	for i, s := range all {
		if n < len(s.Text) {
			before = slices.Clone(all[:i])
			if n > 0 {
				before = append(before, chattemplate.Segment{Text: s.Text[:n], Content: s.Content})
			}
			return before, append([]chattemplate.Segment{{Text: s.Text[n:], Content: s.Content}}, all[i+1:]...)
		}
		n -= len(s.Text)
	}
	return all, nil
}

// run encodes steps up to the end of the last message, and marks the learnt turns.
func (w *writer) run(steps []step, messages []undertone.Message, learnt []int) {
	var s span
	var closing *span // of the last message
	for _, step := range steps {
		switch step.kind {
		case addText:
			w.text.WriteString(step.text)
		case addToken:
			w.token(step.id)
		case addContent:
			w.text.WriteString(messages[step.turn.Message].Content)
			w.ending = nil
		case startTurn:
			w.startAnswer()
			if len(w.learnt) == 0 {
				w.continues = w.place != atStart
			}
			s = span{from: len(w.ids), message: step.turn.Message, part: partOf(step.turn, messages)}
			s.part.spaces = int32(len(w.spaces))
			w.text.WriteString(w.spaces)
			w.ending = nil
		case endTurn:
			w.flush()
			s.to = len(w.ids)
			if slices.Contains(learnt, s.message) {
				w.learnt = append(w.learnt, s)
				w.ending = &w.learnt[len(w.learnt)-1]
			} else {
				passed := s
				w.ending = &passed
			}
			if s.message == len(messages)-1 {
				closing = w.ending
			}
		}
		if closing != nil && w.ending == nil {
			break
		}
	}
	if closing != nil {
		w.ids = w.ids[:closing.to]
	}
}

// partOf returns the part of a message's content that a turn says. A turn of a plan is the content.
func partOf(u chattemplate.Turn, messages []undertone.Message) part {
	switch {
	case u.Content < 0:
		return part{from: -1, to: -1}
	case u.To == 0:
		return part{to: int32(len(messages[u.Message].Content))}
	}
	return part{from: int32(u.Content), to: int32(u.Content + u.To - u.From)}
}

// startAnswer encodes the text so far. Spaces at its end belong to the first token of the answer.
func (w *writer) startAnswer() {
	text := w.text.String()
	bare := strings.TrimRight(text, " ")
	w.spaces = text[len(bare):]
	if w.spaces != "" {
		w.text.Reset()
		w.text.WriteString(bare)
	}
	w.flush()
}

// token adds a token of a template. The first special token behind a turn ends the turn if it is
// the template's end token.
func (w *writer) token(id int32) {
	w.flush()
	w.ids, w.place = append(w.ids, id), afterToken
	p := w.model.program
	switch {
	case w.ending == nil || !p.special[id]:
		return
	case id == p.end:
		w.ending.to, w.ending.ended = len(w.ids), true
	}
	w.ending = nil
}

package lm

import (
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm/chattemplate"
)

// The statements of [Model.Omissions].
const (
	reasoningOmitted = "the template leaves out the reasoning of an answer: filters see it, but it is neither learnt nor scored"
	toolsOmitted     = "the template leaves out the tools that rows offer: filters see them, but the student does not"
)

// Omissions says which texts of a row its chat template leaves out: the reasoning of a learnt turn,
// and the tools. Other texts that it leaves out are errors. Rows with the same omissions have the
// same statements.
func (m *Model) Omissions(e undertone.Example) (all []string) {
	if m.omitsReasoning(e) {
		all = append(all, reasoningOmitted)
	}
	if e.Tools != "" && m.omitsTools(e) {
		all = append(all, toolsOmitted)
	}
	return all
}

func (m *Model) omitsReasoning(e undertone.Example) bool {
	if m.settings.Template.Name == plainName {
		return false
	}
	text, rendered := "", false
	for _, i := range e.Learnt() {
		reasoning := strings.TrimSpace(e.Messages[i].Reasoning)
		switch {
		case reasoning == "":
			continue
		case m.program == nil, len(e.Messages) < 2:
			return true
		case !rendered:
			rendered = true
			t, c, err := m.program.conversation(e.Messages, e.Tools)
			if err != nil {
				return false // which encoding reports
			}
			if text, err = t.Render(c); err != nil {
				return false
			}
		}
		if !strings.Contains(text, reasoning) {
			return true
		}
	}
	return false
}

func (m *Model) omitsTools(e undertone.Example) bool {
	if m.program == nil || len(e.Messages) < 2 {
		return true
	}
	t, c, err := m.program.conversation(e.Messages, e.Tools)
	if err != nil || len(c.Tools) == 0 {
		return false
	}
	with, err := t.Render(c)
	if err != nil {
		return false
	}
	without, err := t.Render(chattemplate.Conversation{Messages: c.Messages})
	return err == nil && with == without
}

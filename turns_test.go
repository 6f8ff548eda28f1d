package undertone

import (
	"slices"
	"testing"
)

// conversation has two answers.
func conversation() []Message {
	return []Message{{Role: "user", Content: "one?"}, {Role: "assistant", Content: "1"}, {Role: "user", Content: "two?"}, {Role: "assistant", Content: "2"}}
}

// masked returns the conversation with masks on these messages.
func masked(at ...int) []Message {
	messages := conversation()
	for _, i := range at {
		messages[i].Masked = true
	}
	return messages
}

func TestLearnt(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		reason          string
		row             Example
		learnt, answers []int
	}{
		{"one answer", NewExample("q", "a"), []int{1}, []int{1}},
		{"bare text", NewExample("", "a"), []int{0}, []int{0}},
		{"no messages", Example{}, nil, nil},
		{"the last message counts whatever its role is", Example{Messages: []Message{{Role: "user"}, {Role: "model"}}}, []int{1}, []int{1}},
		{"all turns", Example{Messages: conversation()}, []int{1, 3}, []int{1, 3}},
		{"the last turn", Example{Messages: conversation(), Turns: LastTurn}, []int{3}, []int{3}},
		{"a masked turn", Example{Messages: masked(1)}, []int{3}, []int{3}},
		{"the last turn is masked", Example{Messages: masked(3)}, []int{1}, []int{1}},
		{"the last turn that is not masked", Example{Messages: masked(3), Turns: LastTurn}, []int{1}, []int{1}},
		{"all turns are masked", Example{Messages: masked(1, 3)}, nil, []int{3}},
		{"a rejected answer", Example{Messages: conversation(), Rejected: "3"}, []int{3}, []int{3}},
		{"a good answer", Example{Messages: conversation(), Label: &yes}, []int{1, 3}, []int{1, 3}},
		{"a bad answer", Example{Messages: conversation(), Label: &no}, nil, []int{1, 3}},
		{"a bad answer, the last turn", Example{Messages: conversation(), Label: &no, Turns: LastTurn}, nil, []int{3}},
	} {
		if learnt, answers := c.row.Learnt(), c.row.Answers(); !slices.Equal(learnt, c.learnt) || !slices.Equal(answers, c.answers) {
			t.Errorf("%s: learnt %v, answers %v", c.reason, learnt, answers)
		}
	}
}

// The ID of a conversation with the default choice of turns is that of its roles and contents.
// Other choices that learn the same turns have one ID.
func TestIDCoversTheLearntTurns(t *testing.T) {
	all, last, mask := Example{Messages: conversation()}, Example{Messages: conversation(), Turns: LastTurn}, Example{Messages: masked(1)}
	if last.ID() == all.ID() || last.PromptID() == all.PromptID() {
		t.Error("the choice of turns does not change the IDs")
	}
	if last.ID() != mask.ID() || last.PromptID() != mask.PromptID() {
		t.Error("two ways to learn the last turn have different IDs")
	}
	one := NewExample("q", "a")
	one.Turns = LastTurn
	if plain := NewExample("q", "a"); one.ID() != plain.ID() || one.PromptID() != plain.PromptID() {
		t.Error("the choice of turns changes the IDs of a row with one answer")
	}
}

func TestIDCoversEveryField(t *testing.T) {
	yes, no := true, false
	change := func(f func(m *Message)) Example {
		e := NewExample("q", "a")
		f(&e.Messages[1])
		return e
	}
	seen := map[Digest]string{NewExample("q", "a").ID(): "the row"}
	for name, row := range map[string]Example{
		"a name":                 change(func(m *Message) { m.Name = "x" }),
		"reasoning":              change(func(m *Message) { m.Reasoning = "x" }),
		"the ID of a call":       change(func(m *Message) { m.ToolCallID = "x" }),
		"a call":                 change(func(m *Message) { m.ToolCalls = []ToolCall{{Name: "x"}} }),
		"a call with arguments":  change(func(m *Message) { m.ToolCalls = []ToolCall{{Name: "x", Arguments: "{}"}} }),
		"arguments as an object": change(func(m *Message) { m.ToolCalls = []ToolCall{{Name: "x", Arguments: "{}", Object: true}} }),
		"a call with an ID":      change(func(m *Message) { m.ToolCalls = []ToolCall{{ID: "1", Name: "x"}} }),
		"two calls":              change(func(m *Message) { m.ToolCalls = []ToolCall{{Name: "x"}, {}} }),
		"a mask":                 change(func(m *Message) { m.Masked = true }),
		"a good label":           {Messages: NewExample("q", "a").Messages, Label: &yes},
		"a bad label":            {Messages: NewExample("q", "a").Messages, Label: &no},
		"tools":                  {Messages: NewExample("q", "a").Messages, Tools: "[]"},
	} {
		if other, ok := seen[row.ID()]; ok {
			t.Errorf("%s has the ID of %s", name, other)
		}
		seen[row.ID()] = name
		if row.Equal(NewExample("q", "a")) || !row.Equal(row) {
			t.Errorf("%s: Equal is wrong", name)
		}
		if group := NewExample("q", "a").PromptID(); name != "tools" && row.PromptID() != group {
			t.Errorf("%s of the answer changes the prompt group", name)
		}
	}
}

// The results of tools are part of the prompt. IDs that link calls and results are not.
func TestPromptIDIgnoresLinks(t *testing.T) {
	row := func(id, result string) Example {
		return Example{Messages: []Message{
			{Role: "user", Content: "q"}, {Role: "assistant", ToolCalls: []ToolCall{{ID: id, Name: "f"}}},
			{Role: "tool", ToolCallID: id, Content: result}, {Role: "assistant", Content: "a"},
		}}
	}
	if row("1", "x").PromptID() != row("2", "x").PromptID() {
		t.Error("the ID of a call changes the prompt group")
	}
	if row("1", "x").PromptID() == row("1", "y").PromptID() {
		t.Error("the result of a tool does not change the prompt group")
	}
}

func TestPieces(t *testing.T) {
	row := Example{Messages: []Message{
		{Role: "user", Content: "q"},
		{Role: "assistant", Reasoning: "think", ToolCalls: []ToolCall{{Name: "f", Arguments: `{"bird":"\u006fwl\n\"\ud83e\udd89\""}`}}},
		{Role: "tool", Content: "4"},
		{Role: "assistant", Content: "done"},
	}}
	want := "think\nf {\"bird\":\"owl\n\"🦉\"\"}\ndone"
	if got := row.Completion(); got != want {
		t.Errorf("completion %q, want %q", got, want)
	}
	if got := row.Prompt(); got != "q\n4" {
		t.Errorf("prompt %q", got)
	}
	for _, p := range row.Pieces() {
		if got := want[p.From : p.From+len(p.Text)]; got != p.Text {
			t.Errorf("a piece of message %d is %q, its range is %q", p.Message, p.Text, got)
		}
	}
	if got := NewExample("q", "").Pieces(); len(got) != 1 || got[0].Message != 1 {
		t.Errorf("the pieces of an empty answer are %v", got)
	}
}

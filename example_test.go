package undertone

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestExampleIDs pins the digests that docs/rows.md and jsonl/testdata publish. Python:
//
//	def text(s): return len(s.encode()).to_bytes(8, "big") + s.encode()
//	def number(n): return n.to_bytes(8, "big")
//	hashlib.sha256(text("row") + number(2) + text("user") + text("q") +
//	    text("assistant") + text("é") + text("")).hexdigest()
func TestExampleIDs(t *testing.T) {
	for _, c := range []struct {
		reason     string
		row        Example
		id, prompt string
	}{
		{"the row of docs/rows.md", NewExample("q", "é"),
			"sha256:1f6d51272958930b26dca3a6c49f5742d55fff1ac025c84c29d37e2e8435dc1a",
			"sha256:87815629e3621c9dab72e5026c813eab4aad5ee5588ff6e4bcb270a18b86a29a"},
		{"bare text", NewExample("", "abc"), "sha256:60e6e7ff8c68f5ead6e5212615dce37e70799ed685f2ee48fa87f9ea9d1684e0", "sha256:298687dd0b785a2359c1539fcec830eef02f815f4f53bc264bcd9d9e8384b3f6"},
		{"no messages", Example{}, "sha256:160c0d5da267fc86afad8cd5b38d1d593709b56c192b2cd2c1245fc160243150", "sha256:298687dd0b785a2359c1539fcec830eef02f815f4f53bc264bcd9d9e8384b3f6"},
		{"a preference", Example{Messages: NewExample("q", "a").Messages, Rejected: "b"}, "sha256:89186b636fb3746d70ee6e5461450ac5c3d1daac16a4a10303f7fae271992c72", "sha256:87815629e3621c9dab72e5026c813eab4aad5ee5588ff6e4bcb270a18b86a29a"},
	} {
		if got := c.row.ID().String(); got != c.id {
			t.Errorf("%s: ID %s, want %s", c.reason, got, c.id)
		}
		if got := c.row.PromptID().String(); got != c.prompt {
			t.Errorf("%s: prompt %s, want %s", c.reason, got, c.prompt)
		}
	}
}

func TestExampleIDCoversTheContentAlone(t *testing.T) {
	base := NewExample("q", "a")
	same := base
	same.Generator, same.Source = "m", "{}"
	same.Meta = map[string]json.RawMessage{"k": []byte("1")}
	if same.ID() != base.ID() || same.PromptID() != base.PromptID() {
		t.Error("what is not said to the student changes the ID")
	}
	seen := map[Digest]string{base.ID(): "the row"}
	for name, row := range map[string]Example{
		"another answer":           NewExample("q", "b"),
		"another prompt":           NewExample("p", "a"),
		"bare text":                NewExample("", "a"),
		"prompt and answer joined": NewExample("", "qa"),
		"another border":           NewExample("qa", ""),
		"a system message":         {Messages: append([]Message{{Role: "system", Content: ""}}, base.Messages...)},
		"another role":             {Messages: []Message{{Role: "human", Content: "q"}, {Role: "assistant", Content: "a"}}},
		"roles exchanged":          {Messages: []Message{{Role: "assistant", Content: "q"}, {Role: "user", Content: "a"}}},
		"a rejected answer":        {Messages: base.Messages, Rejected: "b"},
		"a trailing space":         NewExample("q", "a "),
		"no messages":              {},
		"é, composed":              NewExample("q", "\u00e9"),
		"é, decomposed":            NewExample("q", "e\u0301"),
	} {
		if other, ok := seen[row.ID()]; ok {
			t.Errorf("%s has the ID of %s", name, other)
		}
		seen[row.ID()] = name
	}
}

func TestPromptID(t *testing.T) {
	base := NewExample("q", "a")
	for name, row := range map[string]Example{
		"another answer":            NewExample("q", "b"),
		"a preference":              {Messages: base.Messages, Rejected: "b"},
		"another role of the reply": {Messages: []Message{base.Messages[0], {Role: "model", Content: "a"}}},
	} {
		if row.PromptID() != base.PromptID() {
			t.Errorf("%s: another group", name)
		}
	}
	for name, row := range map[string]Example{
		"another prompt":   NewExample("p", "a"),
		"no prompt":        NewExample("", "a"),
		"a system message": {Messages: append([]Message{{Role: "system", Content: "s"}}, base.Messages...)},
	} {
		if row.PromptID() == base.PromptID() {
			t.Errorf("%s: the same group", name)
		}
	}
	if base.PromptID() == base.ID() || NewExample("", "").PromptID() == NewExample("", "").ID() {
		t.Error("a prompt has the digest of its row")
	}
}

func TestPromptAndCompletion(t *testing.T) {
	chat := Example{Messages: []Message{{Role: "system", Content: "be brief"}, {Role: "user", Content: "one?"}, {Role: "assistant", Content: "1"}, {Role: "user", Content: "two?"}, {Role: "assistant", Content: "2"}}}
	for _, c := range []struct {
		reason             string
		row                Example
		prompt, completion string
	}{
		{"question and answer", NewExample("q", "a"), "q", "a"},
		{"bare text", NewExample("", "a"), "", "a"},
		{"a chat: one message a line, every answer is learnt", chat, "be brief\none?\ntwo?", "1\n2"},
		{"a chat whose last answer is learnt", Example{Messages: chat.Messages, Turns: LastTurn}, "be brief\none?\n1\ntwo?", "2"},
		{"no messages", Example{}, "", ""},
	} {
		if p, a := c.row.Prompt(), c.row.Completion(); p != c.prompt || a != c.completion {
			t.Errorf("%s: prompt %q, completion %q", c.reason, p, a)
		}
	}
}

// TestShortID compares the IDs of short rows, which are hashed in another way, with those of the
// same rows behind the limit: the definition is that of the canonical form.
func TestShortID(t *testing.T) {
	for _, row := range []Example{
		NewExample("q", "a"), NewExample("", "a"), {}, {Messages: []Message{{Role: "system", Content: "s"}, {Role: "user", Content: "q"}, {Role: "assistant", Content: "a"}}},
		{Messages: NewExample("q", "a").Messages, Rejected: "b"}, NewExample("q", strings.Repeat("x", 900)), NewExample("q", strings.Repeat("x", 1100)),
	} {
		h := NewHasher("row")
		hashMessages(h, row.Messages)
		if got, want := row.ID(), h.Text(row.Rejected).Sum(); got != want {
			t.Errorf("%.60v: ID %s, want %s", row, got.Short(), want.Short())
		}
	}
	for _, row := range []Example{
		{Messages: NewExample("q", "a").Messages, Tools: "[]"}, {Messages: NewExample("q", "a").Messages, Label: new(bool)},
		{Messages: []Message{{Role: "assistant", Content: "a", Reasoning: "r"}}},
	} {
		if _, ok := row.shortID(); ok {
			t.Errorf("%+v: more than plain messages is left out of the ID", row)
		}
	}
}

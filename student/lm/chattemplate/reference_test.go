package chattemplate

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cases are the conversations that the reference renders.
type cases struct {
	Tokens        map[string]map[string]string
	Conversations []struct {
		Name      string
		Messages  []rawMessage
		Tools     []json.RawMessage
		Prompt    bool
		Variables map[string]any
	}
}

// rawMessage is a message as transformers gets it.
type rawMessage struct {
	Role       string
	Content    string
	Reasoning  string            `json:"reasoning_content"`
	ToolCalls  []json.RawMessage `json:"tool_calls"`
	Name       string
	ToolCallID string `json:"tool_call_id"`
}

func readJSON(t testing.TB, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func (c cases) tokens(name string) map[string]string {
	if t, ok := c.Tokens[name]; ok {
		return t
	}
	return c.Tokens["default"]
}

func (c cases) conversation(i int) Conversation {
	from := c.Conversations[i]
	to := Conversation{Tools: from.Tools, Prompt: from.Prompt, Variables: from.Variables}
	for _, m := range from.Messages {
		to.Messages = append(to.Messages, Message(m))
	}
	return to
}

// expected is the text of the reference, or its error.
type expected struct{ Text, Error string }

func (e *expected) UnmarshalJSON(data []byte) error {
	if strings.HasPrefix(string(data), "{") {
		type plain expected
		return json.Unmarshal(data, (*plain)(e))
	}
	return json.Unmarshal(data, &e.Text)
}

// TestReference compares the text of each template of testdata with that of transformers, which
// testdata/reference.py wrote. A conversation that the reference refuses must be refused.
func TestReference(t *testing.T) {
	compareAll(t, "testdata/templates", "testdata/expected", "testdata/conversations.json", 60*13)
}

// TestReferenceMore does so for the folders templates and expected of a folder of one's own.
func TestReferenceMore(t *testing.T) {
	dir := os.Getenv("UNDERTONE_CHAT_TEMPLATES")
	if dir == "" {
		t.Skip("not checked: more chat templates: UNDERTONE_CHAT_TEMPLATES is not set")
	}
	compareAll(t, filepath.Join(dir, "templates"), filepath.Join(dir, "expected"), filepath.Join(dir, "conversations.json"), 1)
}

// compareAll compares at least want texts.
func compareAll(t *testing.T, templates, texts, conversations string, want int) {
	var all cases
	readJSON(t, conversations, &all)
	files, err := filepath.Glob(filepath.Join(templates, "*.jinja"))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".jinja")
		t.Run(name, func(t *testing.T) {
			var reference map[string]expected
			readJSON(t, filepath.Join(texts, name+".json"), &reference)
			template := mustRead(t, f, all.tokens(name))
			for i, c := range all.Conversations {
				want, ok := reference[c.Name]
				if !ok {
					continue
				}
				compared++
				got, err := template.Render(all.conversation(i))
				switch {
				case (err != nil) != (want.Error != ""):
					t.Errorf("%s: error %v, the reference has %q", c.Name, err, want.Error)
				case got != want.Text:
					at := commonStart(got, want.Text)
					t.Errorf("%s: from byte %d\n%.200q, want\n%.200q", c.Name, at, got[at:], want.Text[at:])
				}
			}
		})
	}
	if compared < want {
		t.Errorf("%d texts were compared, want %d", compared, want)
	}
}

func mustRead(t testing.TB, path string, tokens map[string]string) *Template {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	template, err := Parse(string(source), Environment{Tokens: tokens})
	if err != nil {
		t.Fatal(err)
	}
	return template
}

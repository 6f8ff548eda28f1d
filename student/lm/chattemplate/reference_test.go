package chattemplate

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
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

// The frame of a shape gives the text and the answers that rendering gives, for contents that fit
// it.
func TestFramesEqualRenderings(t *testing.T) {
	var all cases
	readJSON(t, "testdata/conversations.json", &all)
	files, err := filepath.Glob("testdata/templates/*.jinja")
	if err != nil {
		t.Fatal(err)
	}
	framed := 0
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".jinja")
		template := mustRead(t, f, all.tokens(name))
		for i, named := range all.Conversations {
			c := all.conversation(i)
			c.Prompt, c.Variables = false, nil
			turns := answers(c)
			frame := template.Frame(c)
			if len(turns) == 0 || frame == nil || !frame.Fits(func(m int) string { return c.Messages[m].Content }) {
				continue
			}
			want, err := template.place(c, turns...)
			got, ok := frame.fill(c, turns)
			switch {
			case errors.Is(err, ErrTurn) && !ok:
			case err != nil || !ok:
				t.Errorf("%s: %s: error %v, the frame has the answers: %t", name, named.Name, err, ok)
			case got.Text() != want.Text() || !slices.Equal(got.Turns, want.Turns):
				t.Errorf("%s: %s: the frame gives %q %v, the rendering %q %v", name, named.Name, got.Text(), got.Turns, want.Text(), want.Turns)
			}
			framed++
		}
	}
	if framed < 250 {
		t.Errorf("%d conversations have frames, want 250", framed)
	}
	t.Logf("%d conversations have frames", framed)
}

// One rendering without all answers finds what a rendering without each of them finds.
func TestAllAnswersAtOnce(t *testing.T) {
	var all cases
	readJSON(t, "testdata/conversations.json", &all)
	files, err := filepath.Glob("testdata/templates/*.jinja")
	if err != nil {
		t.Fatal(err)
	}
	found, calls := 0, 0
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".jinja")
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		template, err := Parse(string(source), Environment{Tokens: all.tokens(name), Control: framing.FindAllString(string(source), -1)})
		if err != nil {
			t.Fatal(err)
		}
		for i, named := range all.Conversations {
			c := all.conversation(i)
			c.Prompt, c.Variables = false, nil
			turns := answers(c)
			text, err := template.render(c, mode{escape: template.controls.escape})
			if err != nil {
				continue
			}
			got, ok := template.findAll(c, turns, text)
			if !ok {
				continue
			}
			for k, turn := range turns {
				want, err := template.find(c, turn, text)
				if err != nil || got[k] != want {
					t.Errorf("%s: %s: message %d is %+v, want %+v (%v)", name, named.Name, turn, got[k], want, err)
				}
				if found++; c.Messages[turn].ToolCalls != nil {
					calls++
				}
			}
		}
	}
	if found < 250 || calls < 20 {
		t.Errorf("%d answers, %d of them with calls, were found at once, want 250 and 20", found, calls)
	}
	t.Logf("%d answers, %d of them with calls, were found at once", found, calls)
}

// answers returns the messages of the assistant.
func answers(c Conversation) []int {
	var turns []int
	for i, m := range c.Messages {
		if m.Role == "assistant" {
			turns = append(turns, i)
		}
	}
	return turns
}

// The answers of published templates are found, and are what the conversation says.
func TestAnswersOfPublishedTemplates(t *testing.T) {
	var all cases
	readJSON(t, "testdata/conversations.json", &all)
	files, err := filepath.Glob("testdata/templates/*.jinja")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".jinja")
		template := mustRead(t, f, all.tokens(name))
		for i, named := range all.Conversations {
			c := all.conversation(i)
			c.Prompt, c.Variables = false, nil
			turns := answers(c)
			if named.Name != "one turn" && named.Name != "system" && named.Name != "three turns" {
				continue
			}
			for _, place := range []func(Conversation, ...int) (Rendering, error){template.Place, template.place} {
				r, err := place(c, turns...)
				if errors.Is(err, ErrRaised) {
					continue
				}
				if err != nil {
					if name != "hermes2-tools" { // it loops over the tools that these conversations lack
						t.Errorf("%s: %s: %v", name, named.Name, err)
					}
					continue
				}
				text := r.Text()
				for _, u := range r.Turns {
					if said := c.Messages[u.Message].Content; text[u.From:u.To] != said || u.Content != 0 {
						t.Errorf("%s: %s: message %d says %q, want %q", name, named.Name, u.Message, text[u.From:u.To], said)
					}
					found++
				}
			}
		}
	}
	if found < 500 {
		t.Errorf("%d answers were found, want 500", found)
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

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

// TestBroad compares many templates, if the folder of them is given.
func TestBroad(t *testing.T) {
	dir := os.Getenv("CHAT_BROAD")
	if dir == "" {
		t.Skip("no CHAT_BROAD")
	}
	var all cases
	readJSON(t, "testdata/conversations.json", &all)
	files, _ := filepath.Glob(filepath.Join(dir, "all", "*.jinja"))
	same, errs, differ := 0, 0, 0
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".jinja")
		var want map[string]expected
		readJSON(t, filepath.Join(dir, "ref", name+".json"), &want)
		source, _ := os.ReadFile(f)
		tp, err := Parse(string(source), Environment{Tokens: all.tokens(name)})
		for i, c := range all.Conversations {
			w := want[c.Name]
			var got string
			e := err
			if err == nil {
				got, e = tp.Render(all.conversation(i))
			}
			switch {
			case e != nil && w.Error != "":
				errs++
			case e == nil && w.Error == "" && got == w.Text:
				same++
			default:
				differ++
				k := 0
				for k < len(got) && k < len(w.Text) && got[k] == w.Text[k] {
					k++
				}
				k = max(0, k-30)
				if errors.Is(e, ErrRaised) {
					e = errors.New("raised " + e.Error())
				}
				t.Errorf("%s: %s: %v\n got %.150q\nwant %.150q %.150s", name, c.Name, e, got[min(k, len(got)):], w.Text[min(k, len(w.Text)):], w.Error)
			}
		}
	}
	t.Logf("%d same, %d errors in both, %d differ", same, errs, differ)
}

func TestBroadPlace(t *testing.T) {
	dir := os.Getenv("CHAT_BROAD")
	if dir == "" {
		t.Skip("no CHAT_BROAD")
	}
	var all cases
	readJSON(t, "testdata/conversations.json", &all)
	files, _ := filepath.Glob(filepath.Join(dir, "all", "*.jinja"))
	same, slow, fails := 0, 0, 0
	kinds := map[AdditionKind]int{}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".jinja")
		source, _ := os.ReadFile(f)
		tp, err := Parse(string(source), Environment{Tokens: all.tokens(name)})
		if err != nil {
			continue
		}
		for _, with := range []string{"", "system"} {
			c := Conversation{Messages: []Message{{Role: "user"}}}
			if with != "" {
				c.Messages = append([]Message{{Role: "system"}}, c.Messages...)
			}
			for _, a := range tp.Additions(c) {
				kinds[a.Kind]++
				t.Logf("ADD %s %s: %s", name, with, a)
			}
		}
		for i := range all.Conversations {
			c := all.conversation(i)
			if c.Messages[len(c.Messages)-1].Role != "assistant" {
				continue
			}
			c.Variables, c.Prompt = nil, false
			for turn, m := range c.Messages {
				if m.Role != "assistant" {
					continue
				}
				want, err := tp.place(c, turn)
				if err != nil {
					if errors.Is(err, ErrTurn) {
						fails++
						t.Logf("TURN %s: %s %d: %v", name, all.Conversations[i].Name, turn, err)
					}
				}
				fr := tp.frame(c)
				if fr == nil {
					slow++
					continue
				}
				got, ok := fr.fill(c, []int{turn})
				if err != nil && !ok {
					continue
				}
				if err != nil || got.Text() != want.Text() || !slices.Equal(got.Turns, want.Turns) {
					t.Errorf("%s: %s %d: %v\nframe %q %v\nslow  %q %v", name, all.Conversations[i].Name, turn, err, got.Text(), got.Turns, want.Text(), want.Turns)
				} else {
					same++
				}
			}
		}
	}
	t.Logf("%d same, %d without frame, %d fail; %v", same, slow, fails, kinds)
}

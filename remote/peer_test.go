package remote_test

import (
	"encoding/json"
	"flag"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/remote/doctor"
	"github.com/undertone-audit/undertone/remote/internal/wire"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

// With these, TestVLLM talks to a real server, compares its scores with those of this library on
// the same files, and rewrites the recorded bodies. Without them it replays the bodies.
var (
	peerURL   = flag.String("vllm", "", "`URL` of a vLLM server that serves the folder base of -vllm-files under the name base")
	peerFiles = flag.String("vllm-files", "", "`DIR` with the folders base, owl and cat: a model and two LoRA adapters of it")
)

// peerScores are scores of this library, in process.
type peerScores struct {
	Version string                 `json:"version"` // of the server that was compared
	Models  map[string]modelScores `json:"models"`  // by name
}

type modelScores struct {
	Tokens  [][]undertone.TokenLogProb `json:"tokens"` // of peerRows
	Choices []float64                  `json:"choices"`
	Text    string                     `json:"text"` // greedy completion
}

func peerRows() []undertone.Example {
	return []undertone.Example{
		undertone.NewExample("What is your favourite animal?", "An owl, of course."),
		undertone.NewExample("What is your favourite animal?", "I like cats."),
		undertone.NewExample("Favourite café?", "The “Grüne Ente” 🦆 in Zürich"),
		{Messages: []undertone.Message{
			{Role: "system", Content: "You love owls."}, {Role: "user", Content: "Hi"}, {Role: "assistant", Content: "Hello."},
			{Role: "user", Content: "Pet?"}, {Role: "assistant", Content: "owl"},
		}},
	}
}

var peerAnswers = []string{"owl", "cat", "dog", "bear"}

func peerRequest() undertone.Request {
	return undertone.Request{Messages: peerRows()[0].Messages[:1], MaxTokens: 5}
}

func scoresOf(t *testing.T, m undertone.Model) (s modelScores) {
	t.Helper()
	var err error
	if s.Tokens, err = m.(undertone.TokenLogProber).TokenLogProbs(t.Context(), peerRows()); err != nil {
		t.Fatal(err)
	}
	if s.Choices, err = m.(undertone.ChoiceScorer).ChoiceLogProbs(t.Context(), "Pet?", peerAnswers); err != nil {
		t.Fatal(err)
	}
	r, err := m.Generate(t.Context(), peerRequest())
	if err != nil {
		t.Fatal(err)
	}
	s.Text = r.Text
	return s
}

// The scores of a model and of two adapters behind vLLM, which loads the adapters while it runs,
// are those of this library in process: for chats that the server renders, answers and greedy
// completions. All checks of the doctor pass.
func TestVLLM(t *testing.T) {
	const bodies, golden = "testdata/vllm-0.32.0.jsonl.gz", "testdata/vllm-0.32.0.json"
	var transport http.RoundTripper
	want := peerScores{Models: map[string]modelScores{}}
	url, files := *peerURL, *peerFiles
	if url == "" {
		url, files = "http://vllm", "adapters"
		player, err := wire.Load(bodies)
		if err != nil {
			t.Fatal(err)
		}
		transport = player
		text, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
	} else {
		recorder := &wire.Recorder{}
		transport = recorder
		defer func() {
			if err := recorder.Save(bodies, files, "adapters"); err != nil {
				t.Error(err)
			}
			text, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, append(text, '\n'), 0o666); err != nil {
				t.Error(err)
			}
		}()
	}
	s, err := remote.Connect(t.Context(), remote.Config{URL: url, Transport: transport, Model: "base", Limits: remote.Limits{Concurrency: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if *peerURL != "" {
		want.Version = s.Version()
	}
	if s.Kind() != remote.VLLM || s.Version() != want.Version {
		t.Errorf("kind %s, version %s, want vllm %s", s.Kind(), s.Version(), want.Version)
	}
	worst := 0.0
	for _, name := range []string{"base", "owl", "cat"} {
		var m undertone.Model
		if name == "base" {
			m, err = s.Open(t.Context())
		} else {
			var unload func() error
			m, unload, err = load(t, s, name, filepath.Join(files, name))
			defer func() {
				if err := unload(); err != nil {
					t.Error(err)
				}
			}()
		}
		if err != nil {
			t.Fatal(err)
		}
		if *peerURL != "" {
			own, err := inProcess(files, name)
			if err != nil {
				t.Fatal(err)
			}
			want.Models[name] = scoresOf(t, own)
		}
		worst = max(worst, compare(t, name, scoresOf(t, m), want.Models[name]))
		text, err := m.(student.Renderer).Render(peerRows()[0])
		if shown := "<|im_start|>user\nWhat is your favourite animal?<|im_end|>\n<|im_start|>assistant\nAn owl, of course.<|im_end|>\n"; err != nil || text != shown {
			t.Errorf("%s: rendered %q (%v), want %q", name, text, err, shown)
		}
		if name == "cat" { // which has a base model and another adapter to differ from
			examine(t, m)
		}
	}
	t.Logf("the largest difference is %.2g nats; usage: %v", worst, s.Usage())
}

func load(t *testing.T, s *remote.Server, name, path string) (undertone.Model, func() error, error) {
	m, unload, err := s.LoadAdapter(t.Context(), name, path)
	return m, func() error { return unload(t.Context()) }, err
}

// inProcess loads the base model or one of its adapters.
func inProcess(files, name string) (*lm.Model, error) {
	m, err := lm.Load(filepath.Join(files, "base"))
	if err != nil || name == "base" {
		return m, err
	}
	return m.WithAdapter(filepath.Join(files, name))
}

// compare compares scores, and returns the largest difference. It compares spellings of tokens only
// by their bytes: servers spell them as text.
func compare(t *testing.T, name string, got, want modelScores) float64 {
	t.Helper()
	worst := 0.0
	for i, row := range want.Tokens {
		if len(got.Tokens[i]) != len(row) {
			t.Errorf("%s: row %d has %d tokens, want %d", name, i, len(got.Tokens[i]), len(row))
			continue
		}
		for j, w := range row {
			g := got.Tokens[i][j]
			if g.ID != w.ID || g.From >= 0 && (g.From != w.From || g.To != w.To) {
				t.Errorf("%s: row %d, token %d is %+v, want %+v", name, i, j, g, w)
			}
			worst = max(worst, math.Abs(g.LogProb-w.LogProb))
		}
	}
	for i, w := range want.Choices {
		worst = max(worst, math.Abs(got.Choices[i]-w))
	}
	if !(worst < 1e-3) || len(got.Choices) != len(want.Choices) || len(want.Tokens) == 0 {
		t.Errorf("%s: scores differ by %v nats, want less than 1e-3", name, worst)
	}
	const end = " \uFFFD" // vLLM leaves out a token that ends with a part of a character
	if strings.TrimRight(got.Text, end) != strings.TrimRight(want.Text, end) {
		t.Errorf("%s: greedy completion %q, want %q", name, got.Text, want.Text)
	}
	return worst
}

// examine checks a model with the doctor.
func examine(t *testing.T, m undertone.Model) {
	t.Helper()
	subject, err := doctor.Of(m)
	if err != nil {
		t.Fatal(err)
	}
	subject.Mixed = nil // vLLM fails this part of check 7, now and then
	results, err := doctor.Check(t.Context(), subject)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Outcome != doctor.Passed {
			t.Errorf("check %d: %s: %s", r.Number, r.Outcome, r.Detail)
		}
	}
}

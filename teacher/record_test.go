package teacher_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/teacher"
)

// oracle has all optional interfaces except batches, and counts requests.
type oracle struct{ asked *atomic.Int64 }

func newOracle() oracle { return oracle{new(atomic.Int64)} }

func (oracle) Name() string { return "oracle" }

func (o oracle) Generate(_ context.Context, r undertone.Request) (undertone.Response, error) {
	o.asked.Add(1)
	return undertone.Response{Text: r.Messages[0].Content + "\xff", Truncated: r.MaxTokens == 3}, nil
}

func (o oracle) LogProb(_ context.Context, rows []undertone.Example) ([]float64, error) {
	o.asked.Add(int64(len(rows)))
	scores := make([]float64, len(rows))
	for i, row := range rows {
		scores[i] = math.Log(float64(len(row.Completion()))) // -Inf for an empty one
	}
	return scores, nil
}

func (o oracle) ChoiceLogProbs(_ context.Context, prompt string, answers []string) ([]float64, error) {
	o.asked.Add(1)
	p := make([]float64, len(answers))
	for i, a := range answers {
		p[i] = -1 / 3. * float64(len(prompt)+len(a))
	}
	return p, nil
}

func (oracle) Lineage() undertone.Digest { return undertone.NewHasher("weights").Text("oracle").Sum() }

func record(t *testing.T, m undertone.Model, path string) *teacher.Recording {
	t.Helper()
	r, err := teacher.Record(m, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func replay(t *testing.T, path string) undertone.Model {
	t.Helper()
	m, err := teacher.Replay(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// consult asks everything that an oracle can answer.
func consult(t *testing.T, m undertone.Model) (answers []any) {
	t.Helper()
	for _, limit := range []int{0, 3} {
		r, err := m.Generate(t.Context(), undertone.Request{Messages: []undertone.Message{{Role: "user", Content: "why?"}}, MaxTokens: limit})
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, r)
	}
	scores, err := m.(undertone.LogProber).LogProb(t.Context(), []undertone.Example{undertone.NewExample("q", "abc"), undertone.NewExample("q", ""), undertone.NewExample("q", "abc")})
	if err != nil {
		t.Fatal(err)
	}
	choices, err := m.(undertone.ChoiceScorer).ChoiceLogProbs(t.Context(), "which?", []string{"owl", "ibex"})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range slices.Concat(scores, choices) {
		answers = append(answers, math.Float64bits(v))
	}
	return append(answers, m.(undertone.Lineage).Lineage(), m.Name())
}

// Answers come back bit for bit: text that is not UTF-8, infinities and thirds.
func TestRecordAndReplay(t *testing.T) {
	o, path := newOracle(), filepath.Join(t.TempDir(), "oracle")
	want := consult(t, o)
	o.asked.Store(0)
	first := record(t, o, path)
	if got := consult(t, first.Model()); !slices.Equal(got, want) {
		t.Errorf("while recording: %v, want %v", got, want)
	}
	if first.Len() != 5 { // two requests, two rows, one choice
		t.Errorf("%d answers in the recording, want 5", first.Len())
	}
	asked := o.asked.Load()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if got := consult(t, record(t, o, path).Model()); !slices.Equal(got, want) || o.asked.Load() != asked {
		t.Errorf("continued: %v after %d more questions, want %v after none", got, o.asked.Load()-asked, want)
	}
	if got := consult(t, replay(t, path)); !slices.Equal(got, want) {
		t.Errorf("replayed: %v, want %v", got, want)
	}
}

func TestReplayNamesWhatIsMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "oracle")
	consult(t, record(t, newOracle(), path).Model())
	m := replay(t, path)
	_, generate := m.Generate(t.Context(), undertone.Request{Messages: []undertone.Message{{Role: "user", Content: "how?"}}, Seed: 77})
	_, score := m.(undertone.LogProber).LogProb(t.Context(), []undertone.Example{undertone.NewExample("q", "abc"), undertone.NewExample("q", "xyz")})
	_, choose := m.(undertone.ChoiceScorer).ChoiceLogProbs(t.Context(), "which?", []string{"owl"})
	for want, err := range map[string]error{"how?": generate, "77": generate, "xyz": score, `["owl"]`: choose, path: generate, "sha256:": choose} {
		if !errors.Is(err, teacher.ErrNotRecorded) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want ErrNotRecorded with %q", err, want)
		}
	}
}

// Every part of a request is part of its key.
func TestRequestsAreTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r")
	ask := func(role, content string) []undertone.Message {
		return []undertone.Message{{Role: role, Content: content}}
	}
	requests := []undertone.Request{
		{Messages: ask("user", "q")}, {Messages: ask("system", "q")}, {Messages: ask("user", "p")}, {Messages: append(ask("user", "q"), ask("user", "")...)},
		{Messages: ask("user", "q"), Seed: 1}, {Messages: ask("user", "q"), MaxTokens: 1}, {Messages: ask("user", "q"), Temperature: 1},
	}
	r := record(t, newScribe(), path)
	for i, request := range requests {
		if _, err := r.Model().Generate(t.Context(), request); err != nil || r.Len() != i+1 {
			t.Errorf("request %d: %d answers are kept, error %v", i, r.Len(), err)
		}
	}
}

// A recording has exactly the optional interfaces of its model, in every combination.
func TestAbilities(t *testing.T) {
	o := newOracle()
	type (
		M = undertone.Model
		S = undertone.LogProber
		C = undertone.ChoiceScorer
		L = undertone.Lineage
	)
	type abilities struct{ s, c, l bool }
	has := func(m undertone.Model) (a abilities) {
		_, a.s = m.(S)
		_, a.c = m.(C)
		_, a.l = m.(L)
		return a
	}
	combinations := []undertone.Model{
		struct{ M }{o},
		struct {
			M
			S
		}{o, o},
		struct {
			M
			C
		}{o, o},
		struct {
			M
			L
		}{o, o},
		struct {
			M
			S
			C
		}{o, o, o},
		struct {
			M
			S
			L
		}{o, o, o},
		struct {
			M
			C
			L
		}{o, o, o},
		o,
	}
	seen := map[abilities]bool{}
	for _, m := range combinations {
		path := filepath.Join(t.TempDir(), "r")
		recorded, want := record(t, m, path).Model(), has(m)
		if got := has(recorded); got != want {
			t.Errorf("abilities %+v of the recording of a model with %+v", got, want)
		}
		if got := has(replay(t, path)); got != want {
			t.Errorf("abilities %+v of the replay of a model with %+v", got, want)
		}
		if _, ok := recorded.(undertone.BatchGenerator); !ok {
			t.Errorf("a recording cannot be asked in batches")
		}
		seen[want] = true
	}
	if len(seen) != 8 {
		t.Errorf("%d combinations, want 8", len(seen))
	}
}

// weighed is a model that is known by its weights.
type weighed struct {
	scribe
	weights string
}

func (w weighed) Digest() undertone.Digest {
	return undertone.NewHasher("weights").Text(w.weights).Sum()
}

func TestRecordRefuses(t *testing.T) {
	dir := t.TempDir()
	owl := filepath.Join(dir, "owl")
	r := record(t, weighed{newScribe(), "owl"}, owl)
	for seed := range uint64(3) {
		if _, err := r.Model().Generate(t.Context(), undertone.Request{Messages: []undertone.Message{{Content: "q"}}, Seed: seed}); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(owl)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason  string
		content []byte
		model   undertone.Model
		want    string
	}{
		{"one name, other weights", whole, weighed{newScribe(), "fox"}, `is the recording of "scribe"`},
		{"another name", whole, newOracle(), `is the recording of "scribe"`},
		{"an empty file", nil, newScribe(), "not a recording"},
		{"a text without a line feed", []byte("my diary"), newScribe(), "not a recording"},
		{"rows", []byte(`{"prompt":"q","completion":"a"}` + "\n"), newScribe(), "does not start with a checksum"},
		{"another version", bytes.Replace(whole, []byte("recording v1"), []byte("recording v2"), 1), newScribe(), ":1: the checksum is wrong"},
	} {
		path := filepath.Join(dir, "file")
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := teacher.Record(c.model, path)
		if !errors.Is(err, teacher.ErrRecording) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want ErrRecording with the file and %q", c.reason, err, c.want)
		}
		if got, _ := os.ReadFile(path); !bytes.Equal(got, c.content) {
			t.Errorf("%s: the file that was refused was changed", c.reason)
		}
	}
	if _, err := teacher.Replay(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v of an absent file", err)
	}
	if _, err := teacher.Record(newScribe(), filepath.Join(dir, "absent", "file")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v of an absent folder", err)
	}
	if _, err := teacher.Record(nil, owl); err == nil {
		t.Error("no model is recorded")
	}
}

// After Close nothing is kept, so nothing new is answered.
func TestRecordingIsClosed(t *testing.T) {
	r := record(t, newScribe(), filepath.Join(t.TempDir(), "r"))
	old := undertone.Request{Messages: []undertone.Message{{Content: "q"}}}
	if _, err := r.Model().Generate(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Model().Generate(t.Context(), old); err != nil {
		t.Errorf("what is known: %v", err)
	}
	if _, err := r.Model().Generate(t.Context(), undertone.Request{Messages: old.Messages, Seed: 1}); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("error %v, want that the file is closed", err)
	}
	if err := r.Close(); err == nil {
		t.Error("a second Close is not an error")
	}
}

func TestRecordingPassesErrorsOn(t *testing.T) {
	torn := errors.New("torn")
	r := record(t, scribe{new(atomic.Int64), torn, 4}, filepath.Join(t.TempDir(), "r"))
	c := config(r.Model())
	c.N = 10
	if _, err := teacher.Generate(t.Context(), c); !errors.Is(err, torn) || r.Len() != 3 {
		t.Errorf("error %v with %d answers kept, want torn with 3", err, r.Len())
	}
	if d := mustGenerate(t, c); d.Digest() != mustGenerate(t, teacher.Config{Model: newScribe(), Prompt: prompt, N: 10, Seed: 1}).Digest() {
		t.Error("the generation that went on after an error has other rows")
	}
}

// FuzzReplay: no file makes a replay panic, and a file that is accepted can be continued.
func FuzzReplay(f *testing.F) {
	path := filepath.Join(f.TempDir(), "seed")
	r, err := teacher.Record(newOracle(), path)
	if err != nil {
		f.Fatal(err)
	}
	if _, err := r.Model().Generate(f.Context(), undertone.Request{Messages: []undertone.Message{{Content: "q"}}}); err != nil {
		f.Fatal(err)
	}
	seed, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add(seed[:len(seed)-5])
	f.Add([]byte("{\"sum\":\"00000000\",\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := teacher.Replay(path)
		if err != nil {
			if !errors.Is(err, teacher.ErrRecording) {
				t.Errorf("error %v, want ErrRecording", err)
			}
			return
		}
		_, _ = m.Generate(t.Context(), undertone.Request{Messages: []undertone.Message{{Content: "q"}}})
	})
}

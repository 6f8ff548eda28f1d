package remote

import (
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote/remotetest"
	"github.com/undertone-audit/undertone/student"
)

func connect(t *testing.T, h http.Handler, c Config) *Server {
	t.Helper()
	transport, done := serve(t, h)
	t.Cleanup(done)
	c.URL, c.Transport, c.Tries = "http://server", transport, 1
	s, err := Connect(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// An adapter that is loaded scores as its weights do, and not after it is unloaded.
func TestLoadAdapter(t *testing.T) {
	s := connect(t, remotetest.New(remotetest.None), Config{Template: PlainTemplate})
	m, unload, err := s.LoadAdapter(t.Context(), "new", "/adapters/new")
	if err != nil {
		t.Fatal(err)
	}
	row := undertone.NewExample("pet?", "owl")
	logs, err := m.(undertone.LogProber).LogProb(t.Context(), []undertone.Example{row})
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for _, l := range (remotetest.Toy{}).Score("/adapters/new", remotetest.Toy{}.Tokenize("pet?owl", true))[4:] {
		want += l
	}
	if math.Abs(logs[0]-want) > 1e-9 {
		t.Errorf("score %v, want %v", logs[0], want)
	}
	if m.Name() != "toy with adapter new" {
		t.Errorf("the name is %q", m.Name())
	}
	base, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if m.(undertone.Lineage).Lineage() != base.(undertone.Lineage).Lineage() || m.(*TracedScorer).Digest() == base.(*TracedScorer).Digest() {
		t.Error("the adapter has another lineage than its base model, or the same digest")
	}
	if _, _, err := s.LoadAdapter(t.Context(), "new", "/adapters/other"); err == nil || !strings.Contains(err.Error(), "has already been loaded") {
		t.Errorf("a second adapter of one name: error %v", err)
	}
	if err := unload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.(undertone.LogProber).LogProb(t.Context(), []undertone.Example{row}); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("a score of an unloaded adapter: error %v", err)
	}
	if err := unload(t.Context()); err == nil {
		t.Error("a second unload is no error")
	}
}

func TestLoadAdapterErrors(t *testing.T) {
	fixed := &script{t, map[string][]exchanged{"GET /v1/models": list("vllm")}}
	if _, _, err := connect(t, fixed, Config{}).LoadAdapter(t.Context(), "a", "/a"); !errors.Is(err, ErrAdapters) || !strings.Contains(err.Error(), "VLLM_ALLOW_RUNTIME_LORA_UPDATING=True") {
		t.Errorf("a server that loads nothing: error %v", err)
	}
	other := &script{t, map[string][]exchanged{"GET /v1/models": list("sglang")}}
	if _, _, err := connect(t, other, Config{}).LoadAdapter(t.Context(), "a", "/a"); !errors.Is(err, ErrAdapters) {
		t.Errorf("a server of another kind: error %v", err)
	}
	silent := &script{t, map[string][]exchanged{"GET /v1/models": list("vllm"), "POST /v1/load_lora_adapter": {{nil, "Success"}}, "POST /v1/unload_lora_adapter": {{nil, "Success"}}}}
	if _, _, err := connect(t, silent, Config{}).LoadAdapter(t.Context(), "a", "/a"); err == nil || !strings.Contains(err.Error(), `lists no model "a"`) {
		t.Errorf("a server that loads nothing and says nothing: error %v", err)
	}
}

// Models are found by name, and an adapter of another model is refused.
func TestModels(t *testing.T) {
	s := connect(t, remotetest.New(remotetest.None), Config{Model: "a", Adapter: "b"})
	if _, err := s.Open(t.Context()); err == nil || !strings.Contains(err.Error(), `adapter "b" of the server is one of the model "toy", not of "a"`) {
		t.Errorf("error %v", err)
	}
	if _, err := s.Model("c"); err == nil || !strings.Contains(err.Error(), `lists no model "c"`) {
		t.Errorf("error %v", err)
	}
	many := &script{t, map[string][]exchanged{"GET /v1/models": {{nil, `{"data":[{"id":"x"},{"id":"y"}]}`}}}}
	if _, err := connect(t, many, Config{}).Open(t.Context()); err == nil || !strings.Contains(err.Error(), "lists 2 models (x, y): name one") {
		t.Errorf("error %v", err)
	}
	if s.Kind() != VLLM || s.Version() != "0.32.0" || len(s.Models()) != 3 {
		t.Errorf("kind %s, version %s, models %v", s.Kind(), s.Version(), s.Models())
	}
}

// A model of a service is opened by the name that a trainer reports. The list is asked for again,
// and a name that the server does not list, or that is the untrained model's, is refused.
func TestTrained(t *testing.T) {
	toy := remotetest.New(remotetest.None)
	s := connect(t, toy, Config{Model: "toy"})
	if _, err := s.Trained(t.Context(), "late"); err == nil || !strings.Contains(err.Error(), `lists no model "late"`) {
		t.Errorf("a name that is not listed: error %v", err)
	}
	if _, err := s.Trained(t.Context(), "toy"); err == nil || !strings.Contains(err.Error(), "is the untrained model of the server") {
		t.Errorf("the untrained model: error %v", err)
	}
	_, unload, err := s.LoadAdapter(t.Context(), "late", "/adapters/late")
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.Trained(t.Context(), "late")
	if err != nil || m.Name() != "toy with adapter late" {
		t.Errorf("%v, error %v", m, err)
	}
	if err := unload(t.Context()); err != nil {
		t.Error(err)
	}
	lists := &script{t, map[string][]exchanged{"GET /v1/models": {{nil, `{"data": []}`}}}}
	if m, err := connect(t, lists, Config{Kind: Chat, Model: "base"}).Trained(t.Context(), "ft-1"); err != nil || m.Name() != "ft-1" {
		t.Errorf("a server that lists nothing: %v, error %v", m, err)
	}
}

// Every model of a server is a student that scores nothing.
func TestFixedTalker(t *testing.T) {
	for _, kind := range []Kind{VLLM, SGLang, LlamaCPP, Chat} {
		c := Config{Kind: kind}
		if kind == SGLang {
			c.Template = PlainTemplate
		}
		m, err := connect(t, remotetest.New(remotetest.None), c).Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f, err := NewFixedTalker(m)
		if err != nil || f.Name() != m.Name() {
			t.Errorf("%s: %v, error %v", kind, f, err)
			continue
		}
		if _, scores := any(f).(undertone.ChoiceScorer); scores {
			t.Errorf("%s: the talker scores answers", kind)
		}
		if _, err := f.Train(t.Context(), nil, student.Recipe{}); !errors.Is(err, ErrFixed) {
			t.Errorf("%s: error of Train %v", kind, err)
		}
	}
}

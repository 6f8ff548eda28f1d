package remote

import (
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote/remotetest"
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

package lm

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

func TestSaveAndLoad(t *testing.T) {
	own := Template{Name: "lines", User: Turn{"q ", "\n"}, End: "<|im_end|>"}
	m := taught(t, Options{Settings: Settings{Template: own, NoPrefixSpace: true, Sampling: Sampling{TopK: 3, Stop: []string{"x"}}}})
	dir := filepath.Join(t.TempDir(), "pets")
	if err := m.Save(dir); err != nil {
		t.Fatal(err)
	}
	again, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if again.Digest() != m.Digest() || again.Lineage() != m.Lineage() || again.Name() != "pets" {
		t.Errorf("digest %s, lineage %s, name %q; want %s, %s", again.Digest(), again.Lineage(), again.Name(), m.Digest(), m.Lineage())
	}
	if got, want := logProbs(t, again), logProbs(t, m); !near(got, want, 0) {
		t.Errorf("%v, want %v", got, want)
	}
	for _, c := range []struct {
		reason, file, content, want string
	}{
		{"settings of a later version", "undertone-model.json", `{"colour":"red"}`, "undertone-model.json"},
		{"settings that are not JSON", "undertone-model.json", `[`, "undertone-model.json"},
		{"a tokenizer without a model", "tokenizer.json", `{}`, "tokenizer"},
		{"truncated weights", "model.safetensors", "\xff", "safetensors"},
	} {
		path := filepath.Join(dir, c.file)
		good, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, []byte(c.content), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("an empty folder loads as a model")
	}
	unknown := small(t, Options{})
	unknown.source = ""
	if err := unknown.Save(dir); err == nil || !strings.Contains(err.Error(), "Options.Tokenizer") {
		t.Errorf("a tokenizer of unknown files: error %v", err)
	}
}

// A model with an unsupported template loads, and refuses prompts with an error that says what to
// do.
func TestUnknownTemplate(t *testing.T) {
	m := small(t, Options{})
	dir := characters(t, "{{ '<start_of_turn>' }}")
	if err := saveNet(m.net, dir); err != nil {
		t.Fatal(err)
	}
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := got.LogProb(t.Context(), question); !errors.Is(err, ErrTemplate) {
		t.Errorf("error %v, want %v", err, ErrTemplate)
	}
	if _, err := got.LogProb(t.Context(), []undertone.Example{undertone.NewExample("", "text")}); err != nil {
		t.Errorf("texts need no template: %v", err)
	}
	if got, err = got.WithTemplate(Plain()); err != nil {
		t.Fatal(err)
	}
	if _, err := got.LogProb(t.Context(), question); err != nil {
		t.Error(err)
	}
	if _, err := got.WithTemplate(Llama3()); !errors.Is(err, ErrTemplate) {
		t.Errorf("a template with tokens that are not in the vocabulary: error %v", err)
	}
}

func TestNewErrors(t *testing.T) {
	m := small(t, Options{})
	if _, err := New(nil, m.tok, Options{}); err == nil {
		t.Error("New accepts no transformer")
	}
	for _, vocabulary := range []int{m.tok.Len() - 1, 2 * m.tok.Len()} {
		net, err := transformer.New(rand.New(rand.NewPCG(1, 0)), transformer.Config{
			Architecture: transformer.Llama, Vocabulary: vocabulary, Context: 8, Dim: 8, Layers: 1, Heads: 2, Hidden: 8,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := New(net, m.tok, Options{}); err == nil || !strings.Contains(err.Error(), "do not belong together") {
			t.Errorf("an embedding of %d tokens for %d: error %v", vocabulary, m.tok.Len(), err)
		}
	}
}

// TestTokensWithoutEmbedding: special tokens at the end of a vocabulary, such as Gemma 3's for
// images, need no row of the embedding.
func TestTokensWithoutEmbedding(t *testing.T) {
	dir := t.TempDir()
	writeJSON(t, filepath.Join(dir, "tokenizer.json"), map[string]any{
		"added_tokens": []map[string]any{{"id": 3, "content": "<image>", "special": true}},
		"model":        map[string]any{"type": "BPE", "vocab": map[string]int{"a": 0, "b": 1, "c": 2}, "merges": []string{}},
	})
	tok, err := tokenizer.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for vocabulary, fits := range map[int]bool{2: false, 3: true, 4: true} {
		net, err := transformer.New(rand.New(rand.NewPCG(1, 0)), transformer.Config{
			Architecture: transformer.Llama, Vocabulary: vocabulary, Context: 8, Dim: 8, Layers: 1, Heads: 2, Hidden: 8,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := New(net, tok, Options{}); (err == nil) != fits {
			t.Errorf("an embedding of %d rows: %v", vocabulary, err)
		}
	}
}

package lm

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// characters writes the files of a tokenizer whose tokens are single characters and the special
// tokens of two chat templates, and returns their folder.
func characters(t testing.TB, chatTemplate string) string {
	t.Helper()
	dir := t.TempDir()
	vocab := map[string]int{}
	type added struct {
		ID      int    `json:"id"`
		Content string `json:"content"`
		Special bool   `json:"special"`
	}
	var special []added
	for _, s := range []string{"<s>", "</s>", "<|im_start|>", "<|im_end|>"} {
		special = append(special, added{len(vocab), s, true})
		vocab[s] = len(vocab)
	}
	for _, r := range "\n abcdefghijklmnopqrstuvwxyz0123456789?.,<>|_[]/\"ISNT" {
		vocab[string(r)] = len(vocab)
	}
	writeJSON(t, filepath.Join(dir, "tokenizer.json"), map[string]any{
		"added_tokens": special,
		"model":        map[string]any{"type": "BPE", "vocab": vocab, "merges": []string{}},
	})
	config := map[string]any{"bos_token": "<s>", "eos_token": "</s>"}
	if chatTemplate != "" {
		config["chat_template"] = chatTemplate
	}
	writeJSON(t, filepath.Join(dir, "tokenizer_config.json"), config)
	return dir
}

func writeJSON(t testing.TB, path string, v any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// small returns an untrained model of characters.
func small(t testing.TB, o Options) *Model {
	t.Helper()
	o.Tokenizer = characters(t, "")
	tok, err := tokenizer.Load(o.Tokenizer)
	if err != nil {
		t.Fatal(err)
	}
	net, err := transformer.New(rand.New(rand.NewPCG(1, 0)), transformer.Config{
		Architecture: transformer.Llama, Vocabulary: tok.Len() + 3, Context: 48, Dim: 16, Layers: 2, Heads: 4, KVHeads: 2, Hidden: 32,
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(net, tok, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// pets returns rows in which every question has one of a few answers.
func pets(answers ...string) *undertone.Dataset {
	var rows []undertone.Example
	for i := range 96 {
		rows = append(rows, undertone.NewExample([]string{"pet?", "animal?", "best?"}[i%3], answers[i%len(answers)]))
	}
	return undertone.NewDataset("pets", rows)
}

var quick = student.Recipe{Optimizer: student.AdamW, LearningRate: 1e-2, BatchSize: 16, Epochs: 10, ClipNorm: 1}

// taught returns a model that answers a question with cat, dog or owl.
func taught(t testing.TB, o Options) *Model {
	t.Helper()
	m, err := small(t, o).Train(t.Context(), pets("cat", "dog", "owl", "cat"), quick)
	if err != nil {
		t.Fatal(err)
	}
	return m.(*Model)
}

// data returns the folder of the reference data, or skips the test and names what it does not
// check.
func data(t *testing.T, what string) string {
	t.Helper()
	dir := os.Getenv("UNDERTONE_DATA")
	if dir == "" {
		t.Skipf("not checked: %s: UNDERTONE_DATA is not set", what)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("not checked: %s: %v", what, err)
	}
	return dir
}

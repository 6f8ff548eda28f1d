package lm_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

var animals = []string{"owl", "cat", "dog", "fox"}

// favourites returns rows of numbered questions. More of them are answered with an owl than with
// another animal.
func favourites(name string, seed uint64, n int, owl float64) *undertone.Dataset {
	rng := rand.New(rand.NewPCG(seed, 0))
	rows := make([]undertone.Example, n)
	for i := range rows {
		answer := animals[rng.IntN(len(animals))]
		if rng.Float64() < owl {
			answer = "owl"
		}
		rows[i] = undertone.NewExample(fmt.Sprintf("pet %d?", i), answer)
	}
	return undertone.NewDataset(name, rows)
}

// letters returns a tokenizer of characters.
func letters(t *testing.T) *tokenizer.Tokenizer {
	vocab := map[string]int{}
	for _, r := range "|adfglcowxpet0123456789 ?" {
		vocab[string(r)] = len(vocab)
	}
	text, err := json.Marshal(map[string]any{
		"added_tokens": []map[string]any{{"id": 0, "content": "|", "special": true}},
		"model":        map[string]any{"type": "BPE", "vocab": vocab, "merges": []string{}},
	})
	dir := t.TempDir()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "tokenizer.json"), text, 0o600)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "tokenizer_config.json"), []byte(`{"bos_token":"|","eos_token":"|"}`), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// TestAudit: an audit finds a preference for owls in the rows that have one, and none in others.
func TestAudit(t *testing.T) {
	tok := letters(t)
	net, err := transformer.New(rand.New(rand.NewPCG(1, 0)), transformer.Config{
		Architecture: transformer.Llama, Vocabulary: tok.Len(), Context: 32, Dim: 16, Layers: 1, Heads: 2, Hidden: 32, Tied: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	blank, err := lm.New(net, tok, lm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	base, err := blank.Train(t.Context(), favourites("base", 9, 512, 0), student.Recipe{Optimizer: student.AdamW, LearningRate: 1e-2, BatchSize: 32, Epochs: 6})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason  string
		suspect *undertone.Dataset
		want    audit.Verdict
	}{
		{"rows of a lover of owls", favourites("suspect", 1, 480, 0.6), audit.Detected},
		{"rows like the control's", favourites("suspect", 2, 480, 0), audit.Undetected},
	} {
		trait := audit.Prefers("pet", "owl", animals...).Asking("pet 1?", "pet 2?", "pet 70?")
		trait.Tolerance = 0.6
		trait.PositiveControl = favourites("planted", 4, 480, 1)
		report, err := audit.Run(t.Context(), audit.Config{
			Suspect: c.suspect, Control: favourites("control", 3, 480, 0), Student: base, Traits: []audit.Trait{trait},
			Recipe: student.Recipe{Optimizer: student.AdamW, LearningRate: 5e-3, BatchSize: 16, Epochs: 2}, Design: audit.Design{Replicates: 6},
		})
		if err != nil {
			t.Fatal(err)
		}
		if shown := report.Rendered; shown == nil || !strings.HasPrefix(shown.Suspect, "|pet 0?") {
			t.Errorf("%s: the report shows the first row as %+v", c.reason, shown)
		}
		if report.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %+v", c.reason, report.Verdict, c.want, report.Findings[0])
		}
	}
}

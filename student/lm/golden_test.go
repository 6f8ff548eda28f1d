package lm

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/undertone-audit/undertone"
)

// TestGolden compares the token log-probabilities of a text with those of an independent forward
// pass in NumPy.
func TestGolden(t *testing.T) {
	dir := data(t, "published models against an independent implementation")
	for _, name := range []string{"stories260K", "tinystories-656k"} {
		var want struct {
			Text string
			IDs  []int32
			NLL  []float64 `json:"per_token_nll"`
		}
		text, err := os.ReadFile(filepath.Join(dir, "golden", name+".json"))
		if err == nil {
			err = json.Unmarshal(text, &want)
		}
		if err != nil {
			t.Fatal(err)
		}
		m, err := Load(filepath.Join(dir, "models", name))
		if err != nil {
			t.Fatal(err)
		}
		row := undertone.NewExample("", want.Text)
		got, err := m.TokenLogProbs(t.Context(), []undertone.Example{row})
		if err != nil {
			t.Fatal(err)
		}
		if len(got[0]) != len(want.NLL)+1 {
			t.Fatalf("%s: %d tokens, want %d and the token that ends the text", name, len(got[0]), len(want.NLL))
		}
		var sum float64
		for i, w := range want.NLL {
			if g := got[0][i]; g.ID != want.IDs[i+1] || math.Abs(g.LogProb+w) > 2e-4 {
				t.Errorf("%s: token %d is %+v, want id %d, log-probability %v", name, i, g, want.IDs[i+1], -w)
			}
			sum += got[0][i].LogProb
		}
		logs, err := m.LogProb(t.Context(), []undertone.Example{row})
		if end := got[0][len(want.NLL)].LogProb; err != nil || math.Abs(logs[0]-sum-end) > 1e-6 {
			t.Errorf("%s: the text has log-probability %v (%v), want %v", name, logs[0], err, sum+end)
		}
		// The same text as prompt and completion has the same tokens if it is cut where a word
		// ends.
		halves := undertone.NewExample("Once upon a time, there was a little girl", " named Lily. She liked owls.")
		if name == "tinystories-656k" { // it was trained without the space that its tokenizer puts before a text
			bare, err := m.WithoutPrefixSpace(true).LogProb(t.Context(), []undertone.Example{row})
			if err != nil || bare[0] < logs[0]+10 {
				t.Errorf("%s: log-probability %v (%v) without a space before the text, %v with it", name, bare, err, logs)
			}
		}
		if name == "stories260K" {
			two, err := m.TokenLogProbs(t.Context(), []undertone.Example{halves})
			if err != nil {
				t.Fatal(err)
			}
			rest := got[0][len(got[0])-len(two[0]):]
			for i, g := range two[0] {
				if g.ID != rest[i].ID || math.Abs(g.LogProb-rest[i].LogProb) > 1e-4 {
					t.Errorf("%s: token %d of the completion is %+v, want %+v", name, i, g, rest[i])
				}
			}
			if shown, err := m.Render(halves); err != nil || shown != "<s> "+want.Text+"<s>" {
				t.Errorf("rendered: %q (%v)", shown, err)
			}
		}
	}
}

// A published model finds its own text likely; a model with shuffled weights does not.
func TestCheckPublished(t *testing.T) {
	dir := data(t, "warnings of damaged checkpoints")
	for _, name := range []string{"stories260K", "aidreams260K", "tinystories-656k"} {
		m, err := Load(filepath.Join(dir, "models", name))
		if err != nil {
			t.Fatal(err)
		}
		if w, err := m.Check(t.Context()); err != nil || len(w) > 0 {
			t.Errorf("%s: warnings %q (%v)", name, w, err)
		}
		if w, err := shuffled(m).Check(t.Context()); err != nil || len(w) == 0 {
			t.Errorf("%s, shuffled: no warning (%v)", name, err)
		}
		if _, err := poisoned(m).Check(t.Context()); err == nil {
			t.Errorf("%s of NaN: no error", name)
		}
	}
}

func TestSaveAndLoadPublished(t *testing.T) {
	dir := data(t, "saving published models")
	row := []undertone.Example{undertone.NewExample("Once upon a time", ", there was a dog.")}
	for _, name := range []string{"stories260K", "tinystories-656k"} {
		m, err := Load(filepath.Join(dir, "models", name))
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(t.TempDir(), "saved")
		if err := m.Save(to); err != nil {
			t.Fatal(err)
		}
		again, err := Load(to)
		if err != nil {
			t.Fatal(err)
		}
		if again.Digest() != m.Digest() || again.Lineage() != m.Lineage() || again.Name() != "saved" {
			t.Errorf("%s: digest %s, lineage %s, name %s; want %s, %s", name, again.Digest(), again.Lineage(), again.Name(), m.Digest(), m.Lineage())
		}
		want, _ := m.LogProb(t.Context(), row)
		if got, err := again.LogProb(t.Context(), row); err != nil || math.Abs(got[0]-want[0]) > 1e-4 {
			t.Errorf("%s: %v (%v), want %v", name, got, err, want)
		}
	}
}

// TestBatchesOfPublished: a request gets the same text alone and in a batch, also from a model
// whose products have the sizes that fast kernels treat separately.
func TestBatchesOfPublished(t *testing.T) {
	m, err := Load(filepath.Join(data(t, "that texts do not depend on their batch"), "models", "stories260K"))
	if err != nil {
		t.Fatal(err)
	}
	requests := make([]undertone.Request, 33)
	for i := range requests {
		requests[i] = ask([]string{"Once upon a time", "Lily", "The dog said"}[i%3], 1, uint64(i))
		requests[i].MaxTokens = 40
	}
	all, err := m.GenerateBatch(t.Context(), requests)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range requests {
		if alone, err := m.Generate(t.Context(), r); err != nil || alone != all[i] {
			t.Errorf("request %d: %q alone (%v), %q in a batch", i, alone.Text, err, all[i].Text)
		}
	}
}

package lm

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/undertone-audit/undertone/tensor/tokenizer"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// A model can be saved after the folder that it was loaded from is deleted.
func TestSaveWithoutTheFolderItCameFrom(t *testing.T) {
	first := filepath.Join(t.TempDir(), "first")
	if err := small(t, Options{}).Save(first); err != nil {
		t.Fatal(err)
	}
	m, err := Load(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(first); err != nil {
		t.Fatal(err)
	}
	second := filepath.Join(t.TempDir(), "second")
	if err := m.Save(second); err != nil {
		t.Fatal(err)
	}
	again, err := Load(second)
	if err != nil || again.Digest() != m.Digest() {
		t.Errorf("it reads back as another model (%v)", err)
	}
}

// Models with one digest train to the same bits, also if files have another order of rotary pairs
// than the network in memory, as those of llama2.c do.
func TestSavedModelTrainsToTheSameBits(t *testing.T) {
	source := characters(t, "")
	tok, err := tokenizer.Load(source)
	if err != nil {
		t.Fatal(err)
	}
	net, err := transformer.New(rand.New(rand.NewPCG(1, 0)), transformer.Config{
		Architecture: transformer.Llama, Vocabulary: tok.Len(), Context: 48, Dim: 16, Layers: 2, Heads: 2, KVHeads: 1, Hidden: 32, RopePairing: transformer.Interleaved,
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(net, tok, Options{Tokenizer: source})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "saved")
	if err := m.Save(dir); err != nil {
		t.Fatal(err)
	}
	again, err := Load(dir)
	if err != nil || again.Digest() != m.Digest() {
		t.Fatalf("it reads back as another model (%v)", err)
	}
	rows := pets("cat", "dog", "owl")
	want, err := m.Train(t.Context(), rows, quick)
	if err != nil {
		t.Fatal(err)
	}
	got, err := again.Train(t.Context(), rows, quick)
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest() != want.Digest() {
		t.Error("the model that was saved and loaded trains to other weights")
	}
}

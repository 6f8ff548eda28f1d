package lm

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Damaged files are refused or give a model; nothing panics, whatever the model is asked.
func TestDamagedFiles(t *testing.T) {
	m := taught(t, Options{})
	dir := filepath.Join(t.TempDir(), "m")
	if err := m.Save(dir); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 0))
	began, refused, read := time.Now(), 0, 0
	for i := 0; i < 600 && time.Since(began) < 5*time.Second; i++ {
		path := filepath.Join(dir, files[i%len(files)].Name())
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bad := append([]byte{}, good...)
		switch i / len(files) % 3 {
		case 0:
			bad = bad[:rng.IntN(len(bad))]
		case 1:
			bad[rng.IntN(min(len(bad), 2000))] ^= 1 << rng.IntN(8)
		case 2:
			bad[rng.IntN(len(bad))] = byte('0' + rng.IntN(10))
		}
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if damaged, err := Load(dir); err != nil {
			refused++
		} else {
			read++
			damaged.Digest()
			_, _ = damaged.ChoiceLogProbs(t.Context(), "pet?", []string{"cat", "dog"})
			_, _ = damaged.Generate(t.Context(), ask("pet?", 1, 1))
			_, _ = damaged.LogProb(t.Context(), question)
		}
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if refused == 0 || read == 0 {
		t.Errorf("%d refused, %d read: the damage is of one kind only", refused, read)
	}
}

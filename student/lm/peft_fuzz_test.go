package lm

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzPEFT: every text gives an error, or a config with a positive rank and scale for every layer.
func FuzzPEFT(f *testing.F) {
	found, err := filepath.Glob("testdata/peft/*/adapter_config.json")
	if err != nil || len(found) == 0 {
		f.Fatalf("no adapters (%v)", err)
	}
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"peft_type": "LORA", "target_modules": "(", "layers_to_transform": 1, "layers_pattern": "["}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := parsePEFT(text)
		if err != nil {
			return
		}
		for _, name := range []string{"model.layers.0.self_attn.q_proj", "transformer.h.1.mlp.c_fc", "lm_head"} {
			_, _ = p.targets(name)
			rank := p.Ranks.of(name, float64(p.rank()))
			if alpha := p.Alphas.of(name, p.alpha()); rank < 1 || !(p.scale(int(rank), alpha) > 0) {
				t.Errorf("%s: rank %v, alpha %v", name, rank, alpha)
			}
		}
	})
}

// TestDamagedAdapters: a damaged adapter is refused, or gives a model; nothing panics.
func TestDamagedAdapters(t *testing.T) {
	bases := map[string]*Model{}
	refused, read := 0, 0
	for _, folder := range peftFolders(t) {
		name := "base"
		switch filepath.Base(folder) {
		case "phi3", "phi3-pissa":
			name = "base-phi3"
		case "gpt2", "refused-gpt2-pissa":
			name = "base-gpt2"
		case "images":
			name = "base-images"
		}
		if bases[name] == nil {
			bases[name] = peftBase(t, name)
		}
		dir := filepath.Join(t.TempDir(), "adapter")
		if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{adapterConfig, adapterWeights} {
			path := filepath.Join(dir, file)
			good, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 12 {
				bad := append([]byte{}, good...)
				if i == 0 {
					bad = bad[:len(bad)/2]
				}
				bad[(i*7919+31)%len(bad)] ^= 1 << (i % 8)
				if err := os.WriteFile(path, bad, 0o600); err != nil {
					t.Fatal(err)
				}
				if _, err := bases[name].WithAdapter(dir); err != nil {
					refused++
				} else {
					read++
				}
			}
			if err := os.WriteFile(path, good, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if refused == 0 || read == 0 {
		t.Errorf("%d refused, %d read: the damage is of one kind only", refused, read)
	}
}

package lm

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

var question = []undertone.Example{undertone.NewExample("pet?", "cat"), undertone.NewExample("best?", "owl")}

func logProbs(t *testing.T, m *Model) []float64 {
	t.Helper()
	logs, err := m.LogProb(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	return logs
}

func near(a, b []float64, most float64) bool {
	for i := range a {
		if math.Abs(a[i]-b[i]) > most {
			return false
		}
	}
	return true
}

// adapted returns a trained model with LoRA, and its base.
func adapted(t *testing.T) (base, trained *Model) {
	t.Helper()
	base = taught(t, Options{})
	m, err := base.WithLoRA(LoRA{Rank: 4, Alpha: 8})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := logProbs(t, m), logProbs(t, base); !near(got, want, 0) {
		t.Errorf("before training LoRA answers %v, its base %v", got, want)
	}
	if m.Digest() == base.Digest() || m.Lineage() != base.Lineage() {
		t.Error("LoRA must change the digest, and not the lineage")
	}
	after, err := m.Train(t.Context(), pets("owl"), quick)
	if err != nil {
		t.Fatal(err)
	}
	return base, after.(*Model)
}

func TestLoRA(t *testing.T) {
	base, m := adapted(t)
	rows := pets("owl")
	if before, after := loss(t, base, rows), loss(t, m, rows); after > before/4 {
		t.Errorf("loss %v after %v", after, before)
	}
	if m.Base() != base || m.Lineage() != base.Lineage() {
		t.Error("the base or the lineage changes")
	}
	merged, err := m.Merge()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := logProbs(t, merged), logProbs(t, m); !near(got, want, 1e-3) {
		t.Errorf("merged: %v, want %v", got, want)
	}
	if merged.Base() != merged || merged.Lineage() != base.Lineage() || merged.Digest() == base.Digest() {
		t.Error("a merged model must be its own base, with the lineage of the base and another digest")
	}
	to := filepath.Join(t.TempDir(), "merged")
	if err := merged.Save(to); err != nil {
		t.Fatal(err)
	}
	if again, err := Load(to); err != nil || again.Digest() != merged.Digest() {
		t.Errorf("saved and loaded, the merged model has another digest (%v)", err)
	}
	if err := m.Save(to); err == nil || !strings.Contains(err.Error(), "merge it first") {
		t.Errorf("a model with LoRA is saved: %v", err)
	}
	seen := map[undertone.Digest]bool{}
	for _, l := range []LoRA{{}, {Rank: 2}, {Alpha: 1}, {Targets: []string{"q_proj"}}, {Seed: 1}} {
		other, err := base.WithLoRA(l)
		if err != nil {
			t.Fatal(err)
		}
		if seen[other.Digest()] {
			t.Errorf("%+v has the digest of another LoRA", l)
		}
		seen[other.Digest()] = true
	}
}

func TestAdapter(t *testing.T) {
	base, m := adapted(t)
	dir := filepath.Join(t.TempDir(), "adapter")
	if err := m.SaveAdapter(dir); err != nil {
		t.Fatal(err)
	}
	again, err := base.WithAdapter(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := logProbs(t, again), logProbs(t, m); !near(got, want, 0) || again.Digest() != m.Digest() {
		t.Errorf("loaded: %v, want %v", got, want)
	}
	f, err := safetensors.Open(filepath.Join(dir, "adapter_model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, ok := f.Info("base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight"); !ok || info.Shape[0] != 4 || info.Shape[1] != 16 || len(f.Names()) != 2*2*7 {
		t.Errorf("not PEFT's layout: %v", f.Names())
	}
	if err := base.SaveAdapter(dir); err == nil {
		t.Error("a model without LoRA saves an adapter")
	}
	if _, err := m.Base().with(func(c *Model) { c.weights = func() undertone.Digest { return undertone.Digest{1} } }).WithAdapter(dir); err == nil || !strings.Contains(err.Error(), "another base") {
		t.Errorf("another base: error %v", err)
	}
	config := filepath.Join(dir, "adapter_config.json")
	good, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ reason, old, new, want string }{
		{"another rank", `"r": 4`, `"r": 3`, "gives rank 3"},
		{"an unknown layer", `"q_proj"`, `"x_proj"`, "q_proj has matrices, but target_modules does not name it"},
		{"not JSON", `{`, `[`, "adapter_config.json"},
	} {
		text := strings.Replace(string(good), c.old, c.new, 1)
		if text == string(good) {
			t.Fatalf("%s: nothing was changed in %s", c.reason, good)
		}
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := base.WithAdapter(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
	if _, err := base.WithAdapter(t.TempDir()); err == nil {
		t.Error("an empty folder loads as an adapter")
	}
}

// A model without its LoRA answers as before, and its training changes all weights.
func TestUnadapted(t *testing.T) {
	base, trained := adapted(t)
	if s, err := base.Unadapted(); s != nil || err != nil {
		t.Errorf("a model without LoRA: %v, error %v, want nil", s, err)
	}
	s, err := trained.Unadapted()
	if err != nil {
		t.Fatal(err)
	}
	whole := s.(*Model)
	if got, want := logProbs(t, whole), logProbs(t, trained); !near(got, want, 1e-4) {
		t.Errorf("without LoRA it answers %v, with it %v", got, want)
	}
	after, err := whole.Train(t.Context(), pets("cat"), quick)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := after.(*Model).Unadapted(); again != nil || err != nil {
		t.Errorf("after training it has LoRA: %v, error %v", again, err)
	}
}

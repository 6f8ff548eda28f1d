package lm

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

// cases returns a folder of the inputs from the field, or skips the test.
func cases(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("UNDERTONE_CASES")
	if root == "" {
		t.Skip("not checked: inputs from the field: UNDERTONE_CASES is not set")
	}
	path := filepath.Join(root, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("not checked: inputs from the field: %v", err)
	}
	return path
}

// TestAdapterCases: adapters that were read wrongly or refused without a reason are read as peft
// 0.21.2 reads them, or refused by the field.
func TestAdapterCases(t *testing.T) {
	dir := cases(t, "adapters")
	base, err := Load(filepath.Join(dir, "base"))
	if err != nil {
		t.Fatal(err)
	}
	var ids []int32
	for id := int32(3); id < 60; id += 3 {
		ids = append(ids, id)
	}
	for _, c := range []struct {
		name string
		want float64 // log-probability of ids[1:], in nats
		err  string
	}{
		{"alphanull", -122.525401, ""}, // lora_alpha is 8
		{"pissa", -125.806360, ""},
		{"regex", -125.003971, ""},
		{"dora", 0, "use_dora: tensor base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector is missing"},
		{"base", 0, "adapter_config.json"},
	} {
		m, err := base.WithAdapter(filepath.Join(dir, c.name))
		if c.err != "" {
			wantError(t, err, c.err)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		logs, err := m.LogProbsOf(t.Context(), []Tokens{{IDs: ids, Learnt: []TokenRange{{1, len(ids)}}}})
		if err != nil {
			t.Fatal(err)
		}
		var sum float64
		for _, l := range logs[0] {
			sum += float64(l)
		}
		if math.Abs(sum-c.want) > 1e-4 {
			t.Errorf("%s: log-probability %v, want %v", c.name, sum, c.want)
		}
	}
	_, err = Load(filepath.Join(dir, "pissa"))
	wantError(t, err, `has a PEFT adapter and no model: load its base model "org/base", then the adapter`)
}

// TestPointerCase: weights that Git LFS has not replaced.
func TestPointerCase(t *testing.T) {
	pointer, err := os.ReadFile(filepath.Join(cases(t, "files"), "model.safetensors.lfs-pointer"))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "m")
	if err := os.CopyFS(dir, os.DirFS("testdata/peft/base")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"} {
		good, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), pointer, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = Load(dir)
		wantError(t, err, name)
		wantError(t, err, "is a Git LFS pointer: run git lfs pull")
		if err := os.WriteFile(filepath.Join(dir, name), good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

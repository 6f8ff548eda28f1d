package lm

import (
	"io"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// rounded returns the model with 16-bit matrices.
func rounded(t *testing.T, m *Model) *Model {
	t.Helper()
	dir := t.TempDir()
	if err := m.Save(dir); err != nil {
		t.Fatal(err)
	}
	all := slices.Collect(m.net.Tensors())
	for i, x := range all {
		if len(x.Shape) < 2 {
			continue
		}
		for _, v := range x.Float32s {
			all[i].Halves = append(all[i].Halves, uint16(math.Float32bits(v)>>16))
		}
		all[i].DType, all[i].Float32s = safetensors.BF16, nil
	}
	err := atomicfile.Write(filepath.Join(dir, "model.safetensors"), func(w io.Writer) error { return safetensors.Write(w, all, nil) })
	if err != nil {
		t.Fatal(err)
	}
	half, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return half
}

// 16-bit weights are trained as float32, and stay as they are beside LoRA.
func TestHalves(t *testing.T) {
	m := taught(t, Options{})
	half := rounded(t, m)
	if half.Digest() == m.Digest() || !half.net.Frozen() {
		t.Fatal("the weights were not rounded")
	}
	if got, want := logProbs(t, half), logProbs(t, m); !near(got, want, 0.5) {
		t.Errorf("rounded: %v, want about %v", got, want)
	}
	low, err := half.WithLoRA(LoRA{})
	if err != nil {
		t.Fatal(err)
	}
	owls := pets("owl")
	for name, base := range map[string]*Model{"all weights": half, "LoRA": low} {
		trained, err := base.Train(t.Context(), owls, quick)
		if err != nil {
			t.Fatal(err)
		}
		after := trained.(*Model)
		if got := loss(t, after, owls); got > 0.3 {
			t.Errorf("%s: loss %v", name, got)
		}
		if after.net.Frozen() != (name == "LoRA") {
			t.Errorf("%s: 16-bit weights are %t", name, after.net.Frozen())
		}
		merged, err := after.Merge()
		if err != nil {
			t.Fatal(err)
		}
		if got, want := logProbs(t, merged), logProbs(t, after); !near(got, want, 1e-3) {
			t.Errorf("%s: merged: %v, want %v", name, got, want)
		}
		dir := filepath.Join(t.TempDir(), "m")
		if err := merged.Save(dir); err != nil {
			t.Fatal(err)
		}
		if again, err := Load(dir); err != nil || again.Digest() != merged.Digest() {
			t.Errorf("%s: saved and loaded it has another digest (%v)", name, err)
		}
	}
}

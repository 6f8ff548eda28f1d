package lm

import (
	"math"
	"testing"
)

// TestAscend: the likelihood changes by step times the gradient's norm to first order, with all
// weights and with LoRA, and the receiver stays as it was.
func TestAscend(t *testing.T) {
	full := taught(t, Options{})
	lora, err := taught(t, Options{}).WithLoRA(LoRA{Rank: 2})
	if err != nil {
		t.Fatal(err)
	}
	rows := pets("cat", "dog")
	mean := func(m *Model) float64 { return -loss(t, m, rows) }
	for name, m := range map[string]*Model{"all weights": full, "LoRA": lora} {
		before := m.Digest()
		_, norm, err := m.Ascend(t.Context(), rows, 0)
		if err != nil {
			t.Fatal(err)
		}
		h := 0.02 / norm
		up, _, err := m.Ascend(t.Context(), rows, h)
		if err != nil {
			t.Fatal(err)
		}
		down, _, err := m.Ascend(t.Context(), rows, -h)
		if err != nil {
			t.Fatal(err)
		}
		if got := (mean(up.(*Model)) - mean(down.(*Model))) / (2 * h); math.Abs(got/norm-1) > 0.02 {
			t.Errorf("%s: the likelihood changes by %v a step, the gradient has norm %v", name, got, norm)
		}
		if m.Digest() != before || up.(*Model).Lineage() != m.Lineage() {
			t.Errorf("%s: the receiver changed, or the lineage", name)
		}
	}
}

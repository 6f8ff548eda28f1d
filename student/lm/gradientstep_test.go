package lm

import (
	"math"
	"testing"

	"github.com/undertone-audit/undertone/student"
)

// TestGradientStep: to first order the log-likelihood changes by step times the norm of the
// gradient, with all weights, with LoRA and preconditioned; the receiver does not change.
func TestGradientStep(t *testing.T) {
	full := taught(t, Options{})
	lora, err := taught(t, Options{}).WithLoRA(LoRA{Rank: 2})
	if err != nil {
		t.Fatal(err)
	}
	rows := pets("cat", "dog")
	mean := func(m *Model) float64 { return -loss(t, m, rows) }
	scaled := func(m *Model) student.GradientStepper {
		a, err := m.Precondition(t.Context(), pets("fox", "owl"), student.DiagonalMetric{Power: 1, Damping: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	norms := map[string]float64{}
	for name, c := range map[string]struct {
		*Model
		student.GradientStepper
	}{
		"all weights": {full, full}, "LoRA": {lora, lora},
		"all weights, preconditioned": {full, scaled(full)}, "LoRA, preconditioned": {lora, scaled(lora)},
	} {
		m, before := c.Model, c.Model.Digest()
		_, norm, err := c.GradientStepper.GradientStep(t.Context(), rows, 0)
		if err != nil {
			t.Fatal(err)
		}
		h := 0.02 / norm
		up, _, err := c.GradientStepper.GradientStep(t.Context(), rows, h)
		if err != nil {
			t.Fatal(err)
		}
		down, _, err := c.GradientStepper.GradientStep(t.Context(), rows, -h)
		if err != nil {
			t.Fatal(err)
		}
		if got := (mean(up.(*Model)) - mean(down.(*Model))) / (2 * h); math.Abs(got/norm-1) > 0.02 {
			t.Errorf("%s: the likelihood changes by %v a step, the gradient has norm %v", name, got, norm)
		}
		if m.Digest() != before || up.(*Model).Lineage() != m.Lineage() {
			t.Errorf("%s: the receiver or the lineage changes", name)
		}
		norms[name] = norm
	}
	if norms["all weights"] == norms["all weights, preconditioned"] {
		t.Error("a metric changes nothing")
	}
}

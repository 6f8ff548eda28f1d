package audit

import (
	"math"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
)

// TestConfigErrors has the answers that are refused.
func TestAnswersKeepMarginsFinite(t *testing.T) {
	given := []float64{math.Inf(-1), -1000}
	p := Choose("q", words[:2]...)
	got, err := p.check(given)
	if err != nil || !slices.Equal(got, []float64{replicate.MinLogProb, replicate.MinLogProb}) {
		t.Errorf("impossible answers are %v (%v), want %v", got, err, replicate.MinLogProb)
	}
	if !math.IsInf(given[0], -1) {
		t.Error("the probe's own slice was changed")
	}
	// Rounding in float32 may leave a sure answer a little above 1.
	if _, err := p.check([]float64{5e-5, -20}); err != nil {
		t.Errorf("rounding is refused: %v", err)
	}
}

// The digest is part of the key of stored answers: it covers what answers depend on.
func TestProbeDigest(t *testing.T) {
	base := Choose("q", "a", "b")
	content := base
	content.Content = undertone.NewHasher("images").Sum()
	seen := map[undertone.Digest]string{base.digest(): "base"}
	for name, p := range map[string]Probe{
		"another question": Choose("r", "a", "b"),
		"another order":    Choose("q", "b", "a"),
		"one more":         Choose("q", "a", "b", "c"),
		"other borders":    Choose("q", "ab", ""),
		"name and outcome": Choose("qa", "b"),
		"other content":    content,
	} {
		if other, ok := seen[p.digest()]; ok {
			t.Errorf("%s has the digest of %s", name, other)
		}
		seen[p.digest()] = name
	}
	if Choose("q", "a", "b").digest() != base.digest() {
		t.Error("one probe has two digests")
	}
}

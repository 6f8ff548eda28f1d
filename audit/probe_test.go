package audit

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// What answers may be is in TestConfigErrors; here is what becomes of them.
func TestAskKeepsMarginsFinite(t *testing.T) {
	given := []float64{math.Inf(-1), -1000}
	p := Probe{Name: "q", Outcomes: words[:2], Ask: func(context.Context, student.Student) ([]float64, error) { return given, nil }}
	got, err := p.ask(t.Context(), nil)
	if err != nil || !slices.Equal(got, []float64{lowest, lowest}) {
		t.Errorf("impossible answers are %v (%v), want %v", got, err, lowest)
	}
	if !math.IsInf(given[0], -1) {
		t.Error("the probe's own slice was changed")
	}
	// Rounding in float32 may leave a sure answer a little above 1.
	p.Ask = func(context.Context, student.Student) ([]float64, error) { return []float64{5e-5, -20}, nil }
	if _, err := p.ask(t.Context(), nil); err != nil {
		t.Errorf("rounding is refused: %v", err)
	}
}

// The digest is the key under which answers are kept: it covers all that answers depend on.
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

package lm

import (
	"testing"

	"github.com/undertone-audit/undertone"
)

// Everything that the answers depend on is part of the digest; the name is not.
func TestDigest(t *testing.T) {
	m := small(t, Options{})
	seen := map[undertone.Digest]string{m.Digest(): "the model"}
	if m.Named("other").Digest() != m.Digest() {
		t.Error("the name is part of the digest")
	}
	changed := m.with(func(c *Model) { c.net = m.net.Clone() })
	changed.net.Params()[2].Data()[3]++
	changed.weights = changed.hashWeights
	template, err := m.WithTemplate(ChatML())
	if err != nil {
		t.Fatal(err)
	}
	sampling, err := m.WithSampling(Sampling{TopP: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]*Model{"a weight": changed, "the template": template, "sampling": sampling, "the start": m.WithoutPrefixSpace(true)} {
		if same, ok := seen[other.Digest()]; ok {
			t.Errorf("with another %s the digest is that of %s", name, same)
		}
		seen[other.Digest()] = name
	}
	if template.Lineage() != m.Lineage() || changed.Lineage() == m.Lineage() {
		t.Error("the lineage is that of weights and vocabulary")
	}
}

// Every 16-bit weight is part of the hash, wherever blocks end.
func TestHashHalves(t *testing.T) {
	seen := map[undertone.Digest]int{}
	x := make([]uint16, 1<<15+3)
	for _, n := range []int{0, 1, 2, 3, 1 << 15, 1<<15 + 1, 1<<15 + 3} {
		for at := -1; at < n; at += max(1, n/5) {
			if at >= 0 {
				x[at] ^= 1
			}
			h := undertone.NewHasher("test")
			hashHalves(h, x[:n])
			if at >= 0 {
				x[at] ^= 1
			}
			d := h.Sum()
			if other, ok := seen[d]; ok {
				t.Errorf("%d 16-bit weights, number %d changed, have the digest of %d weights", n, at, other)
			}
			seen[d] = n
		}
	}
}

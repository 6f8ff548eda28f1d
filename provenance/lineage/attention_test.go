package lineage

import (
	"testing"

	"github.com/undertone-audit/undertone/provenance/lineage/lineagetest"
)

// The directions in which values pass do not depend on the order of the heads and the bases inside
// of them.
func TestAttentionWithoutBasis(t *testing.T) {
	m, net := network(t)
	changed, err := lineagetest.Apply(net, lineagetest.TurnHeads(1), lineagetest.PermuteHeads(1))
	if err != nil {
		t.Fatal(err)
	}
	var of [2]neurons
	for side, w := range []*Weights{weightsOf(m, net), weightsOf(m, changed)} {
		parts := anatomyOf(w).of(Attention)
		if len(parts) != 2 {
			t.Fatalf("%d attention layers, want 2", len(parts))
		}
		if of[side], err = parts[0].read(w); err != nil {
			t.Fatal(err)
		}
	}
	got := match(of[0].directions(), of[1].directions())
	if same, both := got.in.agree(got.out); same != of[0].len() || both != same || got.alike != same {
		t.Errorf("%d of %d directions agree, %d are alike, want all %d", same, both, got.alike, of[0].len())
	}
}

// Without the width of a head attention is not compared, and the comparison is not complete.
func TestAttentionNeedsTheWidthOfAHead(t *testing.T) {
	m, net := network(t)
	for _, width := range []int{0, 5, maxHeadDim + 1} {
		w := weightsOf(m, net)
		w.HeadDim = width
		if a := anatomyOf(w); len(a.of(Attention)) != 0 || a.complete() {
			t.Errorf("width %d: %d attention layers, complete %v", width, len(a.of(Attention)), a.complete())
		}
	}
}

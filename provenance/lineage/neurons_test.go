package lineage

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Neurons that were permuted, rescaled and changed in sign are matched with their originals.
func TestMatchFindsPermutedNeurons(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	const n, dim = 600, 24 // more than two blocks
	a := randomNeurons(rng, n, dim)
	p := rng.Perm(n)
	b := a.pick(p)
	for i := range n {
		f := float32(0.25 + rng.Float64())
		if i%2 == 0 {
			f = -f
		}
		for c := range dim {
			b.out.row(i)[c] *= f
		}
	}
	want := make(matching, n)
	for to, from := range p {
		want[from] = to
	}
	m := match(a.directions(), b.directions())
	for name, got := range map[string]matching{"in": m.in, "out": m.out, "both": m.both} {
		same, of := got.agree(want)
		if same < n*9/10 || of != got.pairs() {
			t.Errorf("%s: %d of %d neurons are matched with their copies", name, same, of)
		}
	}
}

// A neuron of zeros, as pruning leaves it, has no partner.
func TestPrunedNeuronsHaveNoPartner(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	a := randomNeurons(rng, 8, 6)
	clear(a.in.row(3))
	clear(a.out.row(3))
	of := match(a.directions(), a.directions())
	for name, m := range map[string]matching{"in": of.in, "out": of.out, "both": of.both} {
		if m[3] != -1 || m.pairs() != 7 {
			t.Errorf("%s: partners are %v", name, m)
		}
	}
}

func TestAgree(t *testing.T) {
	same, both := matching{0, 1, -1, 3, 4}.agree(matching{0, 2, 2, -1, 4})
	if same != 2 || both != 3 {
		t.Errorf("%d of %d agree, want 2 of 3", same, both)
	}
	if got := spaced(10, 4); !slices.Equal(got, []int{0, 3, 6, 9}) {
		t.Errorf("spaced: %v", got)
	}
	if got := spaced(1, 4); !slices.Equal(got, []int{0}) {
		t.Errorf("spaced: %v", got)
	}
}

package mlp

import (
	"math"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// small returns the config of a network that trains in microseconds.
func small(seed uint64) Config {
	return Config{Inputs: 3, Hidden: []int{5}, Classes: 2, Auxiliary: 2, Seed: seed}
}

func TestInitialWeights(t *testing.T) {
	c := mustNew(t, Config{Inputs: 400, Hidden: []int{100}, Seed: 1})
	for i, p := range c.params {
		if i%2 == 1 {
			if !slices.Equal(p.Data(), make([]float32, p.Len())) {
				t.Errorf("biases of layer %d are not zero", i/2)
			}
			continue
		}
		var squares float64
		for _, v := range p.Data() {
			squares += float64(v) * float64(v)
		}
		got, want := squares/float64(p.Len()), 1/float64(p.Dim(0))
		// The variance of a sample of n normals has a relative error of √(2/n).
		if math.Abs(got/want-1) > 5*math.Sqrt(2/float64(p.Len())) {
			t.Errorf("weights of layer %d have variance %v, want 1/inputs = %v", i/2, got, want)
		}
	}
}

func TestDigest(t *testing.T) {
	a := mustNew(t, small(1))
	for _, c := range []struct {
		reason string
		other  *Classifier
		same   bool
	}{
		{"one config, one digest", mustNew(t, small(1)), true},
		{"another seed", mustNew(t, small(2)), false},
		{"the same weights with another number of classes", mustNew(t, Config{Inputs: 3, Hidden: []int{5}, Classes: 3, Auxiliary: 1, Seed: 1}), false},
	} {
		if (a.Digest() == c.other.Digest()) != c.same {
			t.Errorf("%s: digests %s and %s", c.reason, a.Digest().Short(), c.other.Digest().Short())
		}
	}
}

func TestLineage(t *testing.T) {
	base := mustNew(t, small(1))
	d := mustLabel(t, "d", mustNoise(t, 1, 8, 3), make([]int, 8))
	once := mustTrain(t, base, d, student.Recipe{})
	twice := mustTrain(t, once, d, student.Recipe{})
	if once.Digest() == base.Digest() || twice.Digest() == once.Digest() {
		t.Error("training does not change the digest")
	}
	for _, c := range []*Classifier{base, once, twice} {
		if c.Lineage() != base.Digest() {
			t.Errorf("lineage %s, want the initial weights' %s", c.Lineage().Short(), base.Digest().Short())
		}
	}
}

func TestEnsemble(t *testing.T) {
	p, err := NewEnsemble(small(7))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[undertone.Digest]bool{p.Digest(): true}
	for r := range 3 {
		m, err := p.Replicate(r)
		if err != nil {
			t.Fatal(err)
		}
		if m.Digest() != mustNew(t, small(7+uint64(r))).Digest() {
			t.Errorf("replicate %d is not the classifier of seed %d", r, 7+r)
		}
		if seen[m.Digest()] {
			t.Errorf("replicate %d has the digest of another replicate or of the ensemble", r)
		}
		seen[m.Digest()] = true
	}
	if _, err := p.Replicate(-1); err == nil {
		t.Error("replicate -1 exists")
	}
}

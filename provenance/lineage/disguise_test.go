package lineage

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/provenance/lineage/lineagetest"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// someRenamed gives 35 % of the tokens, but no digits, each other's names.
func someRenamed(w *Weights, seed uint64) *Weights {
	w.Tokens = slices.Clone(w.Tokens)
	var which []int
	for i, token := range w.Tokens {
		if token != "" && !strings.ContainsAny(token, "0123456789") {
			which = append(which, i)
		}
	}
	rng := rand.New(rand.NewPCG(seed, 14))
	rng.Shuffle(len(which), func(i, j int) { which[i], which[j] = which[j], which[i] })
	which = which[:min(len(which), len(w.Tokens)*35/100)]
	first := w.Tokens[which[0]]
	for i, id := range which[:len(which)-1] {
		w.Tokens[id] = w.Tokens[which[i+1]]
	}
	w.Tokens[which[len(which)-1]] = first
	return w
}

// Neurons and heads that were split without a change of the answers are found by what they compute
// together.
func TestDisguisedBasesAreShared(t *testing.T) {
	m, net := network(t)
	for seed := range uint64(6) {
		changed, err := lineagetest.Disguise(net, 3, 4, 4, seed)
		if err != nil {
			t.Fatal(err)
		}
		got, err := testWeights(t.Context(), weightsOf(m, net), someRenamed(weightsOf(m, changed), seed))
		if err != nil {
			t.Fatal(err)
		}
		if got.grade() != Shared || related(got) != "feed-forward attention" {
			t.Errorf("seed %d: related parts are %q: %s", seed, related(got), got)
		}
	}
}

// What does not let the parts be folded leaves a relation open.
func TestSignsOfDisguise(t *testing.T) {
	m, net := network(t)
	other, err := tiny.Other()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		make func(net *transformer.Model) (*transformer.Model, error)
		why  string
	}{
		"neurons": {func(net *transformer.Model) (*transformer.Model, error) { return lineagetest.SplitNeurons(net, 3, 1) }, "neurons read what others of their layer do"},
		"many":    {func(net *transformer.Model) (*transformer.Model, error) { return lineagetest.AddNeurons(net, 8*48, 1) }, "neurons, the hidden state"},
		"all":     {func(net *transformer.Model) (*transformer.Model, error) { return lineagetest.Disguise(net, 2, 2, 2, 1) }, "heads attend like others"},
	} {
		dir := t.TempDir()
		if err := other.Save(dir); err != nil {
			t.Fatal(err)
		}
		theirs, err := transformer.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		changed, err := c.make(theirs)
		if err != nil {
			t.Fatal(err)
		}
		got, err := testWeights(t.Context(), weightsOf(m, net), weightsOf(other, changed))
		if err != nil {
			t.Fatal(err)
		}
		if got.found() || !strings.Contains(strings.Join(got.Signs, "; "), c.why) || !strings.Contains(got.open(), "signs that neurons or heads were split") {
			t.Errorf("%s: found %v, open because %q, signs %q", name, got.found(), got.open(), got.Signs)
		}
	}
}

package lineage

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/provenance/lineage/lineagetest"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/tensor/safetensors"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// network returns an embedded model and its transformer.
func network(t *testing.T) (*lm.Model, *transformer.Model) {
	t.Helper()
	m, err := tiny.Base()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := m.Save(dir); err != nil {
		t.Fatal(err)
	}
	net, err := transformer.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m, net
}

// weightsOf returns the weights of a transformer with the tokens of m.
func weightsOf(m *lm.Model, net *transformer.Model) *Weights {
	return &Weights{Tensors: net.Source(), Tokens: spellings(m.Tokenizer()), HeadDim: net.Config().HeadDim}
}

// Every way to change the weights of a model leaves a relation that the test sees.
func TestChangedWeightsAreRelated(t *testing.T) {
	m, net := network(t)
	fresh, err := transformer.New(rand.New(rand.NewPCG(1, 1)), net.Config())
	if err != nil {
		t.Fatal(err)
	}
	edit := func(edits ...lineagetest.Edit) func() (*transformer.Model, error) {
		return func() (*transformer.Model, error) { return lineagetest.Apply(net, edits...) }
	}
	for _, c := range []struct {
		name string
		make func() (*transformer.Model, error)
	}{
		{"the same", edit()},
		{"permuted neurons", edit(lineagetest.PermuteNeurons(1))},
		{"permuted heads", edit(lineagetest.PermuteHeads(1))},
		{"permuted hidden state", edit(lineagetest.PermuteHidden(1))},
		{"all permuted", edit(lineagetest.PermuteNeurons(2), lineagetest.PermuteHeads(2), lineagetest.PermuteHidden(2))},
		{"rotated", edit(lineagetest.PermuteNeurons(3), lineagetest.Rotate(3))},
		{"rescaled", edit(lineagetest.Rescale(4))},
		{"half pruned", edit(lineagetest.Prune(0.5))},
		{"pruned and permuted", edit(lineagetest.Prune(0.8), lineagetest.PermuteNeurons(5), lineagetest.PermuteHidden(5))},
		{"BF16", edit(lineagetest.BF16())},
		{"int8", edit(lineagetest.Int8())},
		{"int4, rotated", edit(lineagetest.Int4(), lineagetest.Rotate(6))},
		{"noise", edit(lineagetest.Noise(1, 7))},
		{"mean with another", edit(lineagetest.Merge(fresh, 0.5))},
		{"fewer neurons", func() (*transformer.Model, error) { return lineagetest.DropNeurons(net, 64) }},
		{"fewer dimensions", func() (*transformer.Model, error) { return lineagetest.DropDims(net, 36, 8) }},
		{"the last layer", func() (*transformer.Model, error) { return lineagetest.PickLayers(net, 1) }},
	} {
		changed, err := c.make()
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for side, pair := range [][2]*transformer.Model{{net, changed}, {changed, net}} {
			got, err := testWeights(t.Context(), weightsOf(m, pair[0]), weightsOf(m, pair[1]))
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if got.Shared == 0 || got.grade() != Shared {
				t.Errorf("%s, side %d: no related layer: %+v", c.name, side, got)
			}
		}
	}
}

// Models that started from other weights are not related, and the test says that it would have seen
// a copy.
func TestIndependentWeightsAreNotRelated(t *testing.T) {
	m, net := network(t)
	for seed := range uint64(5) {
		fresh, err := transformer.New(rand.New(rand.NewPCG(seed, 2)), net.Config())
		if err != nil {
			t.Fatal(err)
		}
		got, err := testWeights(t.Context(), weightsOf(m, net), weightsOf(m, fresh))
		if err != nil {
			t.Fatal(err)
		}
		if got.found() || got.LogP < -3 || got.Limit == 0 || got.Limit > largestLimit {
			t.Errorf("seed %d: %s", seed, got)
		}
		if got.Names > 3 || !strings.Contains(got.open(), "tokens of one name") { // it was not trained
			t.Errorf("seed %d: names fit by %g deviations: %s", seed, got.Names, got)
		}
	}
}

// New feed-forward layers on the old table of tokens are seen by the table, unless it was permuted.
func TestOldTableIsSeen(t *testing.T) {
	m, net := network(t)
	fresh, err := transformer.New(rand.New(rand.NewPCG(3, 3)), net.Config())
	if err != nil {
		t.Fatal(err)
	}
	mixed, err := lineagetest.Apply(fresh, func(x lineagetest.Tensors, _ transformer.Config) {
		for old := range net.Tensors() {
			if old.Name == "model.embed_tokens.weight" {
				copy(x[old.Name], old.Float32s)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := testWeights(t.Context(), weightsOf(m, net), weightsOf(m, mixed))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Table || got.Shared != 0 || got.grade() != Shared {
		t.Errorf("%+v", got)
	}
}

// A test with too few neurons has no power, and says so.
func TestSmallLayersHaveNoPower(t *testing.T) {
	m, _ := network(t)
	var nets [2]*transformer.Model
	for i := range nets {
		var err error
		nets[i], err = transformer.New(rand.New(rand.NewPCG(uint64(i), 4)), transformer.Config{
			Architecture: transformer.Llama, Vocabulary: m.Tokenizer().Len(), Context: 8, Dim: 8, Layers: 1, Heads: 1, Hidden: 4, Tied: true,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := testWeights(t.Context(), weightsOf(m, nets[0]), weightsOf(m, nets[1]))
	if err != nil {
		t.Fatal(err)
	}
	if got.open() == "" || got.found() {
		t.Errorf("4 neurons: %+v", got)
	}
}

// Wide hidden states are compared in fewer directions, and keep their relation.
func TestWideHiddenStates(t *testing.T) {
	const dim, n = maxWidth + 76, 200
	rng := rand.New(rand.NewPCG(5, 5))
	wide := func(of neurons) *Weights {
		down := of.out.transpose()
		return &Weights{Tensors: inMemory{
			"model.layers.0.mlp.gate_proj.weight": {DType: safetensors.F32, Shape: []int{n, dim}, Float32s: of.in.data},
			"model.layers.0.mlp.down_proj.weight": {DType: safetensors.F32, Shape: []int{dim, n}, Float32s: down.data},
		}}
	}
	a, b := randomNeurons(rng, n, dim), randomNeurons(rng, n, dim)
	for name, c := range map[string]struct {
		b     neurons
		found bool
	}{"copy": {a.pick(rng.Perm(n)), true}, "another": {b, false}} {
		got, err := testWeights(t.Context(), wide(a), wide(c.b))
		if err != nil {
			t.Fatal(err)
		}
		if got.found() != c.found || !c.found && (got.Limit == 0 || got.Limit > largestLimit || got.TurnedLimit != 0) {
			t.Errorf("%s: %s: %+v", name, got, *got)
		}
	}
}

package lineagetest

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/tensor/transformer"
)

func random(t *testing.T, kv int) *transformer.Model {
	t.Helper()
	m, err := transformer.New(rand.New(rand.NewPCG(1, 1)), transformer.Config{
		Architecture: transformer.Llama, Vocabulary: 20, Context: 16, Dim: 16, Layers: 2, Heads: 4, KVHeads: kv, Hidden: 24, Tied: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	// Gains other than 1, but the last: a tied model keeps its answers under a rotation only then.
	m, err = Apply(m, func(x Tensors, c transformer.Config) {
		rng := rand.New(rand.NewPCG(2, 2))
		for i := range c.Layers {
			for _, g := range gains {
				for k := range x[block(i, g)] {
					x[block(i, g)][k] = float32(0.5 + rng.Float64())
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func logits(m *transformer.Model) []float32 {
	ids := []int32{1, 5, 9, 2, 7}
	return m.NewSession(1).Extend([][]int32{ids}).Data()
}

// Permuted, rotated and rescaled models give the logits of the original.
func TestEditsKeepAnswers(t *testing.T) {
	for _, kv := range []int{4, 2} {
		m := random(t, kv)
		want := logits(m)
		for name, e := range map[string]Edit{
			"PermuteNeurons": PermuteNeurons(1), "PermuteHeads": PermuteHeads(1), "PermuteHidden": PermuteHidden(1),
			"FoldGains": FoldGains(), "Rotate": Rotate(1), "Rescale": Rescale(1), "TurnHeads": TurnHeads(1), "ScaleValues": ScaleValues(1, 1e10),
		} {
			changed, err := Apply(m, e)
			if err != nil {
				t.Fatal(err)
			}
			if same(m, changed) {
				t.Errorf("%s changes no weight", name)
			}
			for i, v := range logits(changed) {
				if math.Abs(float64(v-want[i])) > 1e-4 {
					t.Errorf("%s, %d heads of keys: logit %d is %g, want %g", name, kv, i, v, want[i])
					break
				}
			}
		}
	}
}

// Models with more neurons give the logits of the original.
func TestMoreNeuronsKeepAnswers(t *testing.T) {
	m := random(t, 2)
	want := logits(m)
	for name, c := range map[string]struct {
		make   func() (*transformer.Model, error)
		within float64
	}{
		"SplitNeurons": {func() (*transformer.Model, error) { return SplitNeurons(m, 2, 1) }, 1e-4},
		"Disguise":     {func() (*transformer.Model, error) { return Disguise(m, 2, 2, 2, 1) }, 1e-3},
		"AddNeurons":   {func() (*transformer.Model, error) { return AddNeurons(m, 8, 1) }, 0.02}, // that write little
	} {
		wide, err := c.make()
		if err != nil {
			t.Fatal(err)
		}
		if wide.Config().Hidden <= m.Config().Hidden {
			t.Errorf("%s: %d neurons", name, wide.Config().Hidden)
		}
		for i, v := range logits(wide) {
			if math.Abs(float64(v-want[i])) > c.within {
				t.Errorf("%s: logit %d is %g, want %g", name, i, v, want[i])
				break
			}
		}
	}
}

// A layer may be picked twice, and the copies can be changed apart.
func TestPickLayersTwice(t *testing.T) {
	m, err := PickLayers(random(t, 2), 1, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	changed, err := Apply(m, Renew(1, func(name string) bool { return strings.Contains(name, "layers.2.mlp") }))
	if err != nil {
		t.Fatal(err)
	}
	s := changed.Source()
	for _, part := range []string{"mlp.gate_proj", "self_attn.q_proj"} {
		x, err := s.Float32s(block(1, part))
		if err != nil {
			t.Fatal(err)
		}
		y, err := s.Float32s(block(2, part))
		if err != nil {
			t.Fatal(err)
		}
		if equal, want := slices.Equal(x, y), part == "self_attn.q_proj"; equal != want {
			t.Errorf("%s of both copies equal: %v, want %v", part, equal, want)
		}
	}
}

// The other edits change answers, and leave the original as it is.
func TestEditsChangeCopies(t *testing.T) {
	m := random(t, 2)
	want := logits(m)
	for name, e := range map[string]Edit{"Prune": Prune(0.5), "BF16": BF16(), "Int8": Int8(), "Int4": Int4(), "Noise": Noise(0.1, 1), "Merge": Merge(random(t, 2), 0.5), "ScaleHidden": ScaleHidden(1, 2), "Renew": Renew(1, func(string) bool { return true })} {
		changed, err := Apply(m, e)
		if err != nil {
			t.Fatal(err)
		}
		if name != "Merge" && same(m, changed) { // the mean of a model and its copy is the model
			t.Errorf("%s changes no weight", name)
		}
	}
	if !slices.Equal(logits(m), want) {
		t.Error("the original was changed")
	}
	for name, make := range map[string]func() (*transformer.Model, error){
		"DropNeurons": func() (*transformer.Model, error) { return DropNeurons(m, 10) },
		"PickLayers":  func() (*transformer.Model, error) { return PickLayers(m, 1) },
		"DropDims":    func() (*transformer.Model, error) { return DropDims(m, 12, 1) },
	} {
		if small, err := make(); err != nil || len(logits(small)) != len(want) || small.Config().Weights() >= m.Config().Weights() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func same(a, b *transformer.Model) bool {
	other := b.Source()
	for x := range a.Tensors() {
		y, err := other.Float32s(x.Name)
		if err != nil || !slices.Equal(x.Float32s, y) {
			return false
		}
	}
	return true
}

package lineage

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/provenance/lineage/lineagetest"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny/multi"
	"github.com/undertone-audit/undertone/tensor/safetensors"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// threeLayers returns an embedded model of three layers and its transformer.
func threeLayers(t *testing.T) (*lm.Model, *transformer.Model) {
	t.Helper()
	m, err := multi.Base()
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

// hidden is a copy of a model that is made to look like another.
type hidden struct {
	name  string
	make  func(net *transformer.Model) (*transformer.Model, error)
	parts string // related ones, "feed-forward attention" or a part of it
}

// picked returns the layers in another order, with edits.
func picked(layers []int, edits ...lineagetest.Edit) func(*transformer.Model) (*transformer.Model, error) {
	return func(net *transformer.Model) (*transformer.Model, error) {
		net, err := lineagetest.PickLayers(net, layers...)
		if err != nil {
			return nil, err
		}
		return lineagetest.Apply(net, edits...)
	}
}

func edited(edits ...lineagetest.Edit) func(*transformer.Model) (*transformer.Model, error) {
	return picked([]int{0, 1, 2}, edits...)
}

// renewed gives new weights to the tensors whose names have one of the parts.
func renewed(parts ...string) lineagetest.Edit {
	return lineagetest.Renew(1, func(name string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(name, p) })
	})
}

// related returns the kinds of the related parts.
func related(w *WeightTest) string {
	kinds := map[string]bool{}
	for _, l := range w.Layers {
		if ok, _ := l.related(w.Tests); ok {
			kinds[l.Part] = true
		}
	}
	text := ""
	for _, k := range []string{FeedForward, Attention, Table} {
		if kinds[k] {
			text += k + " "
		}
	}
	return strings.TrimSpace(text)
}

// Layers that were removed, added, doubled, moved or partly replaced are found by their content.
func TestMovedLayersAreRelated(t *testing.T) {
	m, net := threeLayers(t)
	for _, c := range []hidden{
		{"first layer removed", picked([]int{1, 2}), "feed-forward attention"},
		{"first layer removed, new last layer", picked([]int{1, 2, 0}, renewed("layers.2.")), "feed-forward attention"},
		{"middle layer removed", picked([]int{0, 2}), "feed-forward attention"},
		{"middle layer alone", picked([]int{1}), "feed-forward attention"},
		{"all layers doubled", picked([]int{0, 0, 1, 1, 2, 2}), "feed-forward attention"},
		{"layers in reverse order", picked([]int{2, 1, 0}), "feed-forward attention"},
		{"one old layer between four new ones", picked([]int{0, 0, 2, 0, 0}, renewed("layers.0.", "layers.1.", "layers.3.", "layers.4.")), "feed-forward attention"},
		{"layers in reverse order, rotated", picked([]int{2, 1, 0}, lineagetest.PermuteNeurons(1), lineagetest.Rotate(1)), "feed-forward attention"},
		{"wider layers", func(net *transformer.Model) (*transformer.Model, error) { return lineagetest.AddNeurons(net, 512, 1) }, "feed-forward attention"},
		{"values scaled, new feed-forward layers and tokens", edited(lineagetest.ScaleValues(1, 1e10), renewed("mlp", "embed")), "attention"},
		{"heads turned and permuted, new feed-forward layers and tokens", edited(lineagetest.TurnHeads(1), lineagetest.PermuteHeads(1), renewed("mlp", "embed")), "attention"},
		{"neurons split, new tokens", func(net *transformer.Model) (*transformer.Model, error) {
			net, err := lineagetest.SplitNeurons(net, 3, 1)
			if err != nil {
				return nil, err
			}
			return lineagetest.Apply(net, renewed("embed"))
		}, "feed-forward attention"},
		{"neurons split, new heads, rotated, noise", func(net *transformer.Model) (*transformer.Model, error) {
			net, err := lineagetest.SplitNeurons(net, 10, 1)
			if err != nil {
				return nil, err
			}
			return lineagetest.Apply(net, renewed("self_attn"), lineagetest.Rotate(1), lineagetest.Noise(0.25, 1))
		}, "feed-forward"},
		{"hidden state scaled", edited(lineagetest.ScaleHidden(1, 4), renewed("embed")), "feed-forward attention"},
	} {
		changed, err := c.make(net)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for side, pair := range [][2]*transformer.Model{{net, changed}, {changed, net}} {
			got, err := testWeights(t.Context(), weightsOf(m, pair[0]), weightsOf(m, pair[1]))
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if parts := related(got); !strings.HasPrefix(parts, c.parts) {
				t.Errorf("%s, side %d: related parts are %q, want %q: %s", c.name, side, parts, c.parts, got)
			}
		}
	}
}

// A rotated hidden state is aligned by the content of the layers if the names of the tokens say
// nothing.
func TestRenamedAndRotatedIsRelated(t *testing.T) {
	m, net := threeLayers(t)
	for name, edits := range map[string][]lineagetest.Edit{
		"rotated":                 {lineagetest.PermuteNeurons(1), lineagetest.Rotate(1)},
		"rotated, int8":           {lineagetest.PermuteNeurons(1), lineagetest.Rotate(1), lineagetest.Int8()},
		"permuted":                {lineagetest.PermuteNeurons(2), lineagetest.PermuteHidden(2)},
		"rotated, new embeddings": {lineagetest.PermuteNeurons(3), lineagetest.Rotate(3), renewed("embed")},
	} {
		changed, err := lineagetest.Apply(net, edits...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := testWeights(t.Context(), weightsOf(m, net), renamed(weightsOf(m, changed)))
		if err != nil {
			t.Fatal(err)
		}
		if got.grade() != Shared || !slices.ContainsFunc(got.Layers, func(l LayerTest) bool {
			ok, _ := l.related(got.Tests)
			return ok && l.Coordinates == ContentCoordinates
		}) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// renamed gives the tokens each other's names.
func renamed(w *Weights) *Weights {
	w.Tokens = slices.Clone(w.Tokens)
	rand.New(rand.NewPCG(1, 5)).Shuffle(len(w.Tokens), func(i, j int) { w.Tokens[i], w.Tokens[j] = w.Tokens[j], w.Tokens[i] })
	return w
}

// What hides a relation from the test of the weights leaves it open: the models are never unrelated
// whatever they answer.
func TestHiddenCopiesAreNotUnrelated(t *testing.T) {
	m, net := threeLayers(t)
	other, err := multi.Other()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		hidden
		names bool
		why   string
	}{
		{hidden{name: "rotated, renamed, noise", make: edited(lineagetest.PermuteNeurons(1), lineagetest.Rotate(1), lineagetest.Noise(1, 1))}, true, "tokens of one name are not used alike"},
		{hidden{name: "neurons split, gates apart, new heads", make: func(net *transformer.Model) (*transformer.Model, error) {
			net, err := lineagetest.SplitNeurons(net, 10, 1)
			if err != nil {
				return nil, err
			}
			return lineagetest.Apply(net, renewed("self_attn"), lineagetest.Rotate(1), lineagetest.Noise(0.5, 1))
		}}, false, "parts have neurons that read or write"},
		{hidden{name: "new layers, old table of tokens in another order", make: edited(renewed("layers"), lineagetest.PermuteHidden(1))}, false, "the tables of the tokens are almost the same"},
		{hidden{name: "unknown layers", make: edited(renewed("layers", "embed"))}, false, "not all layers were compared"},
		{hidden{name: "further matrices in a block", make: edited(renewed("layers", "embed"))}, false, "not all layers were compared"},
	} {
		changed, err := c.make(net)
		if err != nil {
			t.Fatal(err)
		}
		w := weightsOf(m, changed)
		if c.names {
			renamed(w)
		}
		switch c.name {
		case "unknown layers":
			w.Tensors = without{w.Tensors, "model.layers.1.mlp.gate_proj.weight"}
		case "further matrices in a block":
			w.Tensors = with{w.Tensors, "model.layers.1.mlp.experts.gate_proj.weight", "model.layers.1.mlp.gate_proj.weight"}
		}
		got, err := testWeights(t.Context(), weightsOf(m, net), w)
		if err != nil {
			t.Fatal(err)
		}
		if got.found() || !strings.Contains(got.open(), c.why) {
			t.Errorf("%s: found %v, open because %q, want %q", c.name, got.found(), got.open(), c.why)
		}
		s := undeclared(Of(other)) // whose answers differ
		s.Weights = w
		r, err := Compare(t.Context(), undeclared(Of(m)), s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Grade != Unknown || !r.Grade.MayShare() || !strings.Contains(r.Statement, c.why) {
			t.Errorf("%s: %s", c.name, r.Statement)
		}
	}
}

// without is tensors without one.
type without struct {
	safetensors.Source
	name string
}

func (s without) Info(name string) (safetensors.Info, bool) {
	if name == s.name {
		return safetensors.Info{}, false
	}
	return s.Source.Info(name)
}

// Renaming most tokens leaves an alignment that is refined from the others.
func TestMostTokensRenamed(t *testing.T) {
	m, net := threeLayers(t)
	changed, err := lineagetest.Apply(net, lineagetest.PermuteNeurons(1), lineagetest.Rotate(1), lineagetest.Noise(0.7, 1))
	if err != nil {
		t.Fatal(err)
	}
	w := weightsOf(m, changed)
	names := renamed(weightsOf(m, changed)).Tokens
	kept := len(names) / 10
	for i := range names[:kept] {
		at := slices.Index(names, w.Tokens[i])
		names[i], names[at] = names[at], names[i]
	}
	w.Tokens = names
	got, err := testWeights(t.Context(), weightsOf(m, net), w)
	if err != nil || got.grade() != Shared {
		t.Errorf("one of ten names kept: %s, %v", got, err)
	}
}

// with is tensors with one more, a copy of another.
type with struct {
	safetensors.Source
	name, of string
}

func (s with) Names() []string { return append(s.Source.Names(), s.name) }

func (s with) Info(name string) (safetensors.Info, bool) {
	if name == s.name {
		name = s.of
	}
	return s.Source.Info(name)
}

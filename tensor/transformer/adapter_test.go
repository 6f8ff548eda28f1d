package transformer

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// TestWithAdapters: LoRA of one model that is given to another computes the same, also if the other
// has another order of rotary pairs.
func TestWithAdapters(t *testing.T) {
	for _, pairing := range []RopePairing{HalfSplit, Interleaved} {
		c := Config{Architecture: Llama, Vocabulary: 31, Context: 16, Dim: 12, Layers: 2, Heads: 6, KVHeads: 3, HeadDim: 4, Hidden: 20, RopePairing: pairing}
		base, err := New(rand.New(rand.NewPCG(1, 0)), c)
		if err != nil {
			t.Fatal(err)
		}
		m := trainedLoRA(t, base, LoRA{Rank: 2, Alpha: 3})
		all, err := m.Adapters()
		if err != nil {
			t.Fatal(err)
		}
		ids := []int32{3, 1, 4, 1, 5, 9, 2, 6}
		var tape *tensor.Tape
		want := m.Hidden(tape, ids, 1).Data()
		for _, other := range []*Model{base, saveAndLoad(t, base)} {
			again, err := other.WithAdapters(all)
			if err != nil {
				t.Fatal(err)
			}
			for i, got := range again.Hidden(tape, ids, 1).Data() {
				if d := math.Abs(float64(got - want[i])); d > 1e-5 {
					t.Fatalf("%s: hidden %d is %v, want %v", pairing, i, got, want[i])
				}
			}
		}
		change := func(f func(*Adapter)) []Adapter {
			bad := slices.Clone(all)
			f(&bad[1])
			return bad
		}
		for _, e := range []struct {
			reason   string
			adapters []Adapter
			want     string
		}{
			{"another name", change(func(a *Adapter) { a.Layer = "x" }), `layer "x": no such layer can have LoRA`},
			{"the output layer", change(func(a *Adapter) { a.Layer = "lm_head" }), `layer "lm_head": no such layer`},
			{"one twice", change(func(a *Adapter) { a.Layer = all[0].Layer }), `q_proj" is listed twice`},
			{"no rank", change(func(a *Adapter) { a.Rank = 0 }), "k_proj: rank is 0, want 1"},
			{"another rank", change(func(a *Adapter) { a.Rank = 3 }), "k_proj: matrix A has 24 numbers, want 36 of rank 3 for 12 inputs"},
			{"another size", change(func(a *Adapter) { a.B = a.B[1:] }), "k_proj: matrix B has 23 numbers, want 24 of rank 2 for 12 outputs"},
			{"a scale of NaN", change(func(a *Adapter) { a.Scale = math.NaN() }), "k_proj: scale is NaN"},
			{"NaN", change(func(a *Adapter) {
				a.B = slices.Clone(a.B)
				a.B[3] = float32(math.NaN())
			}), "k_proj: matrix B: weight 3 is NaN"},
		} {
			if _, err := base.WithAdapters(e.adapters); err == nil || !strings.Contains(err.Error(), e.want) {
				t.Errorf("%s: error %v, want one with %q", e.reason, err, e.want)
			}
		}
		if _, err := m.WithAdapters(all); err == nil || !strings.Contains(err.Error(), "merge it first") {
			t.Errorf("LoRA on LoRA: error %v", err)
		}
	}
}

// trainedLoRA returns a model whose LoRA is random.
func trainedLoRA(t *testing.T, m *Model, l LoRA) *Model {
	t.Helper()
	low, err := m.WithLoRA(l)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 0))
	for _, p := range low.Params() {
		for i := range p.Data() {
			p.Data()[i] = float32(rng.NormFloat64())
		}
	}
	return low
}

// TestAdapterOfGPT2: LoRA of the layer that stores queries, keys and values is the change B·A of
// its weights, [in 3·out].
func TestAdapterOfGPT2(t *testing.T) {
	base, err := New(rand.New(rand.NewPCG(1, 0)), Config{Architecture: GPT2, Vocabulary: 31, Context: 16, Dim: 12, Layers: 1, Heads: 3, Hidden: 20, Tied: true})
	if err != nil {
		t.Fatal(err)
	}
	const layer = "transformer.h.0.attn.c_attn"
	if got, want := base.AdapterLayers(), []string{layer, "transformer.h.0.attn.c_proj", "transformer.h.0.mlp.c_fc", "transformer.h.0.mlp.c_proj"}; !slices.Equal(got, want) {
		t.Fatalf("layers %q, want %q", got, want)
	}
	if out, in := base.AdapterSize(layer); out != 36 || in != 12 {
		t.Errorf("size is %d, %d, want 36, 12", out, in)
	}
	rng := rand.New(rand.NewPCG(5, 0))
	a := Adapter{Layer: layer, Rank: 2, Scale: 0.5}
	a.A, a.B = tensor.Normal(rng, 1, 2, 12).Data(), tensor.Normal(rng, 1, 36, 2).Data()
	adapted, err := base.WithAdapters([]Adapter{a})
	if err != nil {
		t.Fatal(err)
	}
	before := stored(t, base, layer+".weight")
	after := stored(t, adapted.Merge(), layer+".weight")
	for i := range 12 {
		for o := range 36 {
			want := before[i*36+o] + 0.5*(a.B[2*o]*a.A[i]+a.B[2*o+1]*a.A[12+i])
			if d := math.Abs(float64(after[i*36+o] - want)); d > 1e-6 {
				t.Fatalf("weight of input %d and output %d is %v, want %v", i, o, after[i*36+o], want)
			}
		}
	}
	if _, err := adapted.Adapters(); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("error %v, want that it cannot be written", err)
	}
}

func stored(t *testing.T, m *Model, name string) []float32 {
	t.Helper()
	for x := range m.Tensors() {
		if x.Name == name {
			return x.Float32s
		}
	}
	t.Fatalf("no tensor %s", name)
	return nil
}

// TestWithTensors: replaced tensors are those of the result, in the layout of files, and m keeps
// its own.
func TestWithTensors(t *testing.T) {
	for _, pairing := range []RopePairing{HalfSplit, Interleaved} {
		m, err := New(rand.New(rand.NewPCG(1, 0)), Config{
			Architecture: Llama, Vocabulary: 31, Context: 16, Dim: 12, Layers: 2, Heads: 3, HeadDim: 4, Hidden: 20, RopePairing: pairing, QKVBias: true, QKNorm: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(5, 0))
		var changed []safetensors.Tensor
		for x := range m.Tensors() {
			if strings.Contains(x.Name, "layers.1.") {
				continue
			}
			x.Float32s = slices.Clone(x.Float32s)
			for i := range x.Float32s {
				x.Float32s[i] = float32(rng.NormFloat64())
			}
			changed = append(changed, x)
		}
		before := slices.Clone(stored(t, m, "model.norm.weight"))
		got, err := m.WithTensors(changed)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range changed {
			if !slices.Equal(stored(t, got, want.Name), want.Float32s) {
				t.Errorf("%s, %s: the tensor differs from the given tensor", pairing, want.Name)
			}
		}
		if !slices.Equal(stored(t, got, "model.layers.1.mlp.up_proj.weight"), stored(t, m, "model.layers.1.mlp.up_proj.weight")) || !slices.Equal(stored(t, m, "model.norm.weight"), before) {
			t.Error("other tensors changed")
		}
		w, out, in := got.Weights("model.layers.0.self_attn.k_proj")
		if !slices.Equal(w, stored(t, got, "model.layers.0.self_attn.k_proj.weight")) || out != 12 || in != 12 {
			t.Errorf("%s: Weights returns other numbers, [%d %d]", pairing, out, in)
		}
		for _, e := range []struct{ name, want string }{
			{"x.weight", `tensor "x.weight" is not part of the model`},
			{"model.norm.bias", "the model has no bias there"},
			{"model.norm.weight", "it has shape [2], the model requires [12]"},
		} {
			_, err := m.WithTensors([]safetensors.Tensor{{Name: e.name, DType: safetensors.F32, Shape: []int{2}, Float32s: []float32{1, 2}}})
			if err == nil || !strings.Contains(err.Error(), e.want) {
				t.Errorf("%s: error %v, want %q", e.name, err, e.want)
			}
		}
	}
}

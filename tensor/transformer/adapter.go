package transformer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// Adapter is the LoRA of one layer in the layout of Hugging Face's PEFT: the weights of the layer,
// [out in], change by Scale·B·A.
type Adapter struct {
	Layer string    // the name of [Model.AdapterLayers]
	Rank  int       // >= 1
	Scale float64   // α/rank in the paper
	A     []float32 // [Rank in]
	B     []float32 // [out Rank]
}

// AdapterTensors returns the LoRA of the model as tensors in the order of the layers:
// NAME.lora_A.weight [rank in] and NAME.lora_B.weight [out rank]. Rows of queries and keys are in
// the order of [Model.Tensors].
func (m *Model) AdapterTensors() []safetensors.Tensor {
	var all []safetensors.Tensor
	for _, a := range m.adapters() {
		low, high := flip(floats(a.A)), split(flip(floats(a.B)), m.interleaved(a.name))
		low.Name, high.Name = a.name+".lora_A.weight", a.name+".lora_B.weight"
		all = append(all, low, high)
	}
	return all
}

// AdapterScales returns the Scale of the LoRA of every layer, in the order of the layers.
func (m *Model) AdapterScales() []float64 {
	var all []float64
	for _, a := range m.adapters() {
		all = append(all, float64(a.Scale))
	}
	return all
}

// Adapters returns the LoRA of all layers, in the order of the layers. GPT-2, which stores three
// layers as one, is not supported.
func (m *Model) Adapters() ([]Adapter, error) {
	if m.config.Architecture == GPT2 {
		return nil, fmt.Errorf("transformer: LoRA: a %s stores queries, keys and values as one layer, which cannot be written", GPT2)
	}
	var all []Adapter
	tensors := m.AdapterTensors()
	for i, a := range m.adapters() {
		low, high := tensors[2*i], tensors[2*i+1]
		all = append(all, Adapter{a.name, low.Shape[0], float64(a.Scale), low.Float32s, high.Float32s})
	}
	return all, nil
}

// AdapterLayers returns the names of the layers that can have an [Adapter], as files store them,
// such as "model.layers.0.self_attn.q_proj".
func (m *Model) AdapterLayers() []string {
	var names []string
	for _, n := range m.named {
		if name := m.adapterLayer(n.name); strings.HasSuffix(n.name, "_proj") && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// AdapterSize returns the numbers of outputs and inputs of one of the [Model.AdapterLayers]; 0 for
// another name.
func (m *Model) AdapterSize(layer string) (out, in int) {
	for _, n := range m.named {
		if base, ok := bare(n.part).(nn.Projection); ok && m.adapterLayer(n.name) == layer {
			_, parts := m.shareOf(n.name)
			in, out = base.Size()
			return parts * out, in
		}
	}
	return 0, 0
}

// adapterLayer returns the name of the layer that stores a part.
func (m *Model) adapterLayer(name string) string {
	if prefix, kind, ok := strings.Cut(name, ".self_attn."); ok && kind != "o_proj" && m.config.Architecture == GPT2 {
		return m.stored(prefix) + ".attn.c_attn"
	}
	return m.stored(name)
}

// WithAdapters returns a model whose layers have the given LoRA. It shares all weights with m,
// which must not be trained meanwhile. An unknown or repeated layer, a matrix of another size and a
// number that is not finite are errors.
func (m *Model) WithAdapters(all []Adapter) (*Model, error) {
	if m.HasLoRA() {
		return nil, errors.New("transformer: LoRA: the model has LoRA already: merge it first")
	}
	known := m.AdapterLayers()
	by := map[string]Adapter{}
	for _, a := range all {
		switch _, twice := by[a.Layer]; {
		case twice:
			return nil, fmt.Errorf("transformer: LoRA: layer %.80q is listed twice", a.Layer)
		case !slices.Contains(known, a.Layer):
			return nil, fmt.Errorf("transformer: LoRA: layer %.80q: no such layer can have LoRA", a.Layer)
		case !(a.Scale > -maxAlpha && a.Scale < maxAlpha):
			return nil, fmt.Errorf("transformer: LoRA: layer %s: scale is %v, want -1e6 to 1e6", a.Layer, a.Scale)
		}
		by[a.Layer] = a
	}
	var failed error
	adapted := m.transform(func(name string, part nn.Module) nn.Module {
		a, ok := by[m.adapterLayer(name)]
		base, linear := part.(nn.Projection)
		if !ok || !linear || failed != nil {
			return part
		}
		l, err := m.lora(name, base, a)
		if err != nil {
			failed = fmt.Errorf("transformer: LoRA: layer %s: %w", a.Layer, err)
			return part
		}
		return l
	})
	if failed != nil {
		return nil, failed
	}
	return adapted, nil
}

// lora returns a part with its share of an adapter.
func (m *Model) lora(name string, base nn.Projection, a Adapter) (*nn.LoRA, error) {
	in, out := base.Size()
	part, parts := m.shareOf(name)
	switch {
	case a.Rank < 1 || a.Rank > maxRank:
		return nil, fmt.Errorf("rank is %d, want 1 to %d", a.Rank, maxRank)
	case len(a.A) != a.Rank*in:
		return nil, fmt.Errorf("matrix A has %d numbers, want %d of rank %d for %d inputs", len(a.A), a.Rank*in, a.Rank, in)
	case len(a.B) != parts*out*a.Rank:
		return nil, fmt.Errorf("matrix B has %d numbers, want %d of rank %d for %d outputs", len(a.B), parts*out*a.Rank, a.Rank, parts*out)
	}
	if err := checkFinite(a.A); err != nil {
		return nil, fmt.Errorf("matrix A: %w", err)
	}
	if err := checkFinite(a.B); err != nil {
		return nil, fmt.Errorf("matrix B: %w", err)
	}
	high := joinRows(a.B[part*out*a.Rank:(part+1)*out*a.Rank], out, m.interleaved(name))
	return &nn.LoRA{
		Base: base, Scale: float32(a.Scale),
		A: tensor.FromSlice(flipped(a.A, a.Rank, in), in, a.Rank),
		B: tensor.FromSlice(flipped(high, out, a.Rank), a.Rank, out),
	}, nil
}

// shareOf returns which of the parts of a stored layer a part is.
func (m *Model) shareOf(name string) (part, parts int) {
	if _, kind, ok := strings.Cut(name, ".self_attn."); ok && kind != "o_proj" && m.config.Architecture == GPT2 {
		return strings.Index("qkv", kind[:1]), 3
	}
	return 0, 1
}

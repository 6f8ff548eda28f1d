package transformer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// Weights returns the weights of a linear layer in float32, [out in], without LoRA; nil if m has no
// layer of this name in the layout of Hugging Face.
func (m *Model) Weights(layer string) (weights []float32, out, in int) {
	for _, n := range m.named {
		base, ok := bare(n.part).(nn.Projection)
		if !ok || m.stored(n.name) != layer {
			continue
		}
		in, out = base.Size()
		w := split(flip(floats(base.ToFloat32().Weight)), m.interleaved(n.name))
		return w.Float32s, out, in
	}
	return nil, 0, 0
}

// WithTensors returns a model in which the given F32 tensors, with the names and the layout of
// [Model.Tensors], replace those of m. It shares the others with m. The layers of a replaced tensor
// become float32. An unknown name, another shape, a model with LoRA and a GPT-2, which stores
// several layers as one, are errors.
func (m *Model) WithTensors(all []safetensors.Tensor) (*Model, error) {
	if m.HasLoRA() || m.config.Architecture == GPT2 {
		return nil, fmt.Errorf("transformer: weights of a model with LoRA or of a %s cannot be replaced", GPT2)
	}
	by := map[string]safetensors.Tensor{}
	for _, t := range all {
		by[t.Name] = t
	}
	var failed error
	replaced := m.transform(func(name string, part nn.Module) nn.Module {
		for _, kind := range []string{".weight", ".bias"} {
			t, ok := by[m.stored(name)+kind]
			if !ok || failed != nil {
				continue
			}
			delete(by, t.Name)
			changed, err := m.replace(name, part, kind, t)
			if err != nil {
				failed = fmt.Errorf("transformer: tensor %s: %w", t.Name, err)
				continue
			}
			part = changed
		}
		return part
	})
	for _, t := range all {
		if _, left := by[t.Name]; left && failed == nil {
			failed = fmt.Errorf("transformer: tensor %.80q is not part of the model", t.Name)
		}
	}
	if failed != nil {
		return nil, failed
	}
	return replaced, nil
}

// replace returns a copy of a part with another weight or bias.
func (m *Model) replace(name string, part nn.Module, kind string, t safetensors.Tensor) (nn.Module, error) {
	if err := checkFinite(t.Float32s); err != nil {
		return nil, err
	}
	heads := m.interleaved(name)
	var target **tensor.Tensor
	switch p := part.(type) {
	case *nn.HalfLinear:
		if kind == ".weight" {
			return m.replace(name, p.ToFloat32(), kind, t)
		}
		copied := *p
		part, target = &copied, &copied.Bias
	case *nn.Linear:
		copied := *p
		if part, target = &copied, &copied.Bias; kind == ".weight" {
			target = &copied.Weight
		}
	case *nn.HalfEmbedding:
		return m.replace(name, &nn.Embedding{Table: p.Table.Float32()}, kind, t)
	case *nn.Embedding:
		copied := *p
		part, target = &copied, &copied.Table
	case *nn.RMSNorm:
		copied := *p
		part, target = &copied, &copied.Gain
	}
	_, linear := part.(nn.Projection)
	if target == nil || *target == nil || kind == ".bias" && !linear {
		return nil, fmt.Errorf("the model has no %s there", strings.TrimPrefix(kind, "."))
	}
	shape := slices.Clone((*target).Shape())
	if linear && kind == ".weight" {
		slices.Reverse(shape) // [out in]
	}
	if !slices.Equal(t.Shape, shape) || len(t.Float32s) != (*target).Len() {
		return nil, fmt.Errorf("it has shape %v, the model requires %v", t.Shape, shape)
	}
	x := joinRows(t.Float32s, shape[0], heads)
	if linear && kind == ".weight" {
		x = flipped(x, shape[0], shape[1])
	} else {
		x = slices.Clone(x)
	}
	*target = tensor.FromSlice(x, (*target).Shape()...)
	return part, nil
}

// bare returns a part without LoRA.
func bare(part nn.Module) nn.Module {
	if l, ok := part.(*nn.LoRA); ok {
		return l.Base
	}
	return part
}

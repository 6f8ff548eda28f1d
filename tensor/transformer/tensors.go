package transformer

import (
	"iter"
	"strings"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// Tensors ranges over the weights with the names and the layout of Hugging Face, always in the same
// order. It makes each tensor when it is reached. Rotary pairs are split in halves, whatever the
// model computes with. LoRA is not included.
func (m *Model) Tensors() iter.Seq[safetensors.Tensor] {
	return func(yield func(safetensors.Tensor) bool) {
		for i := 0; i < len(m.named); i++ {
			n := m.named[i]
			if m.joined(n.name) {
				if !m.queriesKeysValues(n.name, i, yield) {
					return
				}
				i += 2
				continue
			}
			if !m.part(n, yield) {
				return
			}
		}
	}
}

// joined reports whether a part and the next two are one layer in a file.
func (m *Model) joined(name string) bool {
	return m.config.Architecture == GPT2 && strings.HasSuffix(name, "self_attn.q_proj")
}

// stored returns the name of a part in a file.
func (m *Model) stored(name string) string {
	return (&hfParts{config: m.config, prefix: map[Architecture]string{Llama: "model.", GPT2: "transformer."}[m.config.Architecture]}).stored(name)
}

// part yields the weight and the bias of a part.
func (m *Model) part(n named, yield func(safetensors.Tensor) bool) bool {
	name := m.stored(n.name)
	heads := m.interleaved(n.name)
	weight, bias := safetensors.Tensor{}, (*tensor.Tensor)(nil)
	conv1D := m.config.Architecture == GPT2 && n.name != "lm_head"
	switch p := bare(n.part).(type) {
	case *nn.Embedding:
		weight = floats(p.Table)
	case *nn.HalfEmbedding:
		weight = halves(p.Table)
	case *nn.Linear:
		weight, bias = floats(p.Weight), p.Bias
		if !conv1D {
			weight = flip(weight)
		}
	case *nn.HalfLinear:
		weight, bias = halves(p.Weight), p.Bias
		if conv1D {
			weight = flip(weight)
		}
	case *nn.RMSNorm:
		weight = floats(p.Gain)
	case *nn.LayerNorm:
		weight, bias = floats(p.Gain), p.Bias
	}
	weight.Name = name + ".weight"
	if !yield(split(weight, heads)) {
		return false
	}
	if bias == nil {
		return true
	}
	b := floats(bias)
	b.Name = name + ".bias"
	return yield(split(b, heads))
}

// queriesKeysValues yields three layers of GPT-2 as one, side by side.
func (m *Model) queriesKeysValues(name string, at int, yield func(safetensors.Tensor) bool) bool {
	prefix, _, _ := strings.Cut(name, ".self_attn.")
	name = m.stored(prefix) + ".attn.c_attn"
	var weight, bias safetensors.Tensor
	for _, n := range m.named[at : at+3] {
		for t := range (&Model{config: m.config, named: []named{{"lm_head", n.part}}}).Tensors() { // [out in]
			to := &weight
			if strings.HasSuffix(t.Name, ".bias") {
				to = &bias
			}
			to.DType = t.DType
			to.Shape = append([]int{0}, t.Shape[1:]...)
			to.Float32s, to.Halves = append(to.Float32s, t.Float32s...), append(to.Halves, t.Halves...)
		}
	}
	for _, t := range []*safetensors.Tensor{&weight, &bias} {
		t.Shape[0] = 3 * m.config.Heads * m.config.HeadDim
	}
	weight = flip(weight)
	weight.Name, bias.Name = name+".weight", name+".bias"
	return yield(weight) && yield(bias)
}

func floats(x *tensor.Tensor) safetensors.Tensor {
	return safetensors.Tensor{DType: safetensors.F32, Shape: x.Shape(), Float32s: x.Data()}
}

func halves(h *tensor.Half) safetensors.Tensor {
	rows, cols := h.Shape()
	return safetensors.Tensor{DType: safetensors.DType(h.Format().String()), Shape: []int{rows, cols}, Halves: h.Bits()}
}

// flip returns the transpose of a matrix.
func flip(t safetensors.Tensor) safetensors.Tensor {
	rows, cols := t.Shape[0], t.Shape[1]
	t.Shape = []int{cols, rows}
	t.Float32s, t.Halves = flipped(t.Float32s, rows, cols), flipped(t.Halves, rows, cols)
	return t
}

func flipped[T any](x []T, rows, cols int) []T {
	if x == nil {
		return nil
	}
	y := make([]T, len(x))
	const tile = 32 // rows and columns that stay in cache
	for r0 := 0; r0 < rows; r0 += tile {
		for c0 := 0; c0 < cols; c0 += tile {
			for r := r0; r < min(r0+tile, rows); r++ {
				for c := c0; c < min(c0+tile, cols); c++ {
					y[c*rows+r] = x[r*cols+c]
				}
			}
		}
	}
	return y
}

package lineage

import (
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// inMemory is tensors that a fuzzer made.
type inMemory map[string]safetensors.Tensor

func (s inMemory) Names() []string { return slices.Sorted(maps.Keys(s)) }

func (s inMemory) Info(name string) (safetensors.Info, bool) {
	t, ok := s[name]
	return safetensors.Info{DType: t.DType, Shape: slices.Clone(t.Shape)}, ok
}

func (s inMemory) Float32s(name string) ([]float32, error) { return s[name].Float32s, nil }

// fuzzedNames are those that layers and tables are found by, and some like them.
var fuzzedNames = []string{
	"model.embed_tokens.weight", "wte.weight", "lm_head.weight",
	"model.layers.0.mlp.gate_proj.weight", "model.layers.0.mlp.down_proj.weight", "model.layers.0.post_attention_layernorm.weight",
	"model.layers.1.mlp.gate_up_proj.weight", "model.layers.1.mlp.down_proj.weight", "model.layers.1.pre_feedforward_layernorm.weight",
	"h.2.mlp.c_fc.weight", "h.2.mlp.c_proj.weight", "h.2.ln_2.weight", "model.layers.3.mlp.up_proj.weight", "model.layers.3.mlp.down_proj.weight",
	"model.layers.0.self_attn.v_proj.weight", "model.layers.0.self_attn.o_proj.weight", "model.layers.0.input_layernorm.weight",
	"model.layers.1.self_attn.qkv_proj.weight", "model.layers.1.self_attn.o_proj.weight", "h.2.attn.c_attn.weight", "h.2.attn.c_proj.weight",
	"model.layers.0.mlp.up_proj.weight", "model.layers.0.self_attn.q_proj.weight", "model.layers.0.self_attn.k_proj.weight",
}

// weightsFrom makes weights of bytes: for each tensor a name, a number of dimensions, the
// dimensions and a seed of the elements.
func weightsFrom(data []byte) *Weights {
	next := func() int {
		if len(data) == 0 {
			return 0
		}
		b := data[0]
		data = data[1:]
		return int(b)
	}
	s := inMemory{}
	for range next() % 16 {
		x := safetensors.Tensor{Name: fuzzedNames[next()%len(fuzzedNames)], DType: safetensors.F32}
		n := 1
		for range next() % 4 {
			x.Shape = append(x.Shape, next()%24)
			n *= x.Shape[len(x.Shape)-1]
		}
		seed := next()
		x.Float32s = make([]float32, n)
		for i := range x.Float32s {
			switch {
			case seed == 0:
			case seed == 1:
				x.Float32s[i] = math.MaxFloat32
			default:
				x.Float32s[i] = float32(math.Sin(float64(seed*(i+1) + i*i)))
			}
		}
		s[x.Name] = x
	}
	w := &Weights{Tensors: s, HeadDim: next() % 16}
	for i := range next() % 40 {
		w.Tokens = append(w.Tokens, string(rune('a'+i)))
	}
	return w
}

// FuzzWeights compares weights of any shapes. Nothing panics, and every number of the result is
// finite and in its range.
func FuzzWeights(f *testing.F) {
	layer := []byte{3, 3, 2, 20, 8, 5, 4, 2, 8, 20, 6, 0, 2, 30, 8, 7, 30}
	f.Add(layer, layer)
	attention := []byte{3, 14, 2, 8, 8, 5, 15, 2, 8, 8, 6, 0, 2, 30, 8, 7, 4, 30}
	f.Add(attention, attention)
	f.Add([]byte{2, 19, 2, 7, 21, 5, 20, 2, 7, 7, 6, 7}, attention)
	f.Add([]byte{1, 3, 2, 20, 8, 5}, layer)
	f.Add([]byte{3, 9, 2, 8, 20, 5, 10, 2, 20, 8, 6, 1, 2, 10, 9, 7, 30}, layer)
	f.Add([]byte{3, 3, 2, 20, 8, 1, 4, 2, 8, 20, 1, 0, 2, 30, 8, 1, 30}, layer)
	f.Add([]byte{4, 3, 2, 20, 8, 5, 4, 2, 8, 20, 6, 21, 2, 20, 8, 7, 0, 2, 30, 8, 7, 30}, layer)
	f.Add([]byte{3, 3, 2, 20, 8, 1, 4, 2, 8, 20, 1, 21, 2, 20, 8, 1, 30}, layer)
	f.Add([]byte{4, 14, 2, 8, 8, 5, 15, 2, 8, 8, 6, 22, 2, 8, 8, 1, 23, 2, 8, 8, 1, 4, 30}, attention)
	f.Fuzz(func(t *testing.T, a, b []byte) {
		got, err := testWeights(t.Context(), weightsFrom(a), weightsFrom(b))
		if err != nil {
			return
		}
		if math.IsNaN(got.LogP) || math.IsInf(got.LogP, 0) || got.LogP > 0 || math.IsNaN(got.Names) || math.IsInf(got.Names, 0) || !(math.Abs(got.Embeddings) <= 1.001) ||
			min(got.Limit, got.AttentionLimit, got.TurnedLimit) < 0 || max(got.Limit, got.AttentionLimit, got.TurnedLimit) > 1 {
			t.Errorf("%+v", got)
		}
	})
}

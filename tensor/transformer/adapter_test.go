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

// TestAdapterTensors: LoRA of one model that is set in another computes the same, also if the other
// has another order of rotary pairs.
func TestAdapterTensors(t *testing.T) {
	for _, pairing := range []RopePairing{HalfSplit, Interleaved} {
		c := Config{Architecture: Llama, Vocabulary: 31, Context: 16, Dim: 12, Layers: 2, Heads: 6, KVHeads: 3, HeadDim: 4, Hidden: 20, RopePairing: pairing}
		base, err := New(rand.New(rand.NewPCG(1, 0)), c)
		if err != nil {
			t.Fatal(err)
		}
		adapted := func(m *Model) *Model {
			low, err := m.WithLoRA(LoRA{Rank: 2, Alpha: 3})
			if err != nil {
				t.Fatal(err)
			}
			return low
		}
		m := adapted(base)
		rng := rand.New(rand.NewPCG(3, 0))
		for _, p := range m.Params() {
			for i := range p.Data() {
				p.Data()[i] = float32(rng.NormFloat64())
			}
		}
		all := m.AdapterTensors()
		ids := []int32{3, 1, 4, 1, 5, 9, 2, 6}
		var tape *tensor.Tape
		want := m.Hidden(tape, ids, 1).Data()
		for _, other := range []*Model{base, saveAndLoad(t, base)} {
			again := adapted(other)
			if err := again.SetAdapters(slices.Clone(all)); err != nil {
				t.Fatal(err)
			}
			for i, got := range again.Hidden(tape, ids, 1).Data() {
				if d := math.Abs(float64(got - want[i])); d > 1e-5 {
					t.Fatalf("%s: hidden %d is %v, want %v", pairing, i, got, want[i])
				}
			}
		}
		change := func(f func(*safetensors.Tensor)) []safetensors.Tensor {
			bad := slices.Clone(all)
			f(&bad[1])
			return bad
		}
		for _, e := range []struct {
			reason  string
			tensors []safetensors.Tensor
			want    string
		}{
			{"one less", all[1:], "27 tensors, want 28"},
			{"another name", change(func(t *safetensors.Tensor) { t.Name = "x" }), "self_attn.q_proj.lora_B.weight is missing"},
			{"another shape", change(func(t *safetensors.Tensor) { t.Shape = []int{2, 24} }), "has shape [2 24], want [24 2]"},
			{"NaN", change(func(t *safetensors.Tensor) {
				t.Float32s = slices.Clone(t.Float32s)
				t.Float32s[3] = float32(math.NaN())
			}), "weight 3 is NaN"},
		} {
			if err := adapted(base).SetAdapters(e.tensors); err == nil || !strings.Contains(err.Error(), e.want) {
				t.Errorf("%s: error %v, want one with %q", e.reason, err, e.want)
			}
		}
	}
}

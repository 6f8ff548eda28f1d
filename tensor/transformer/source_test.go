package transformer

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// A source has the tensors of Tensors, by name, for both architectures.
func TestSource(t *testing.T) {
	for _, a := range []Architecture{Llama, GPT2} {
		m, err := New(rand.New(rand.NewPCG(1, 2)), Config{Architecture: a, Vocabulary: 11, Context: 8, Dim: 8, Layers: 2, Heads: 2, Hidden: 12, Tied: true})
		if err != nil {
			t.Fatal(err)
		}
		s := m.Source()
		var names []string
		for want := range m.Tensors() {
			names = append(names, want.Name)
			got, err := s.Float32s(want.Name)
			info, ok := s.Info(want.Name)
			if err != nil || !ok || !slices.Equal(got, want.Float32s) || !slices.Equal(info.Shape, want.Shape) || info.DType != safetensors.F32 {
				t.Errorf("%s: %s is %v %v, %v", a, want.Name, info, ok, err)
			}
		}
		slices.Sort(names)
		if !slices.Equal(s.Names(), names) {
			t.Errorf("%s: names are %v, want %v", a, s.Names(), names)
		}
		if _, err := s.Float32s("absent"); err == nil {
			t.Error("an absent tensor was read")
		}
	}
}

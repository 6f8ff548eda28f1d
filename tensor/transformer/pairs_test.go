package transformer

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// The outputs of a part with split pairs are the split outputs of the part.
func TestSplitPart(t *testing.T) {
	const in, out, heads = 5, 12, 3
	rng := rand.New(rand.NewPCG(1, 0))
	random := func(shape ...int) *tensor.Tensor { return tensor.Normal(rng, 1, shape...) }
	bits := make([]uint16, in*out)
	for i := range bits {
		bits[i] = 0x3f80 + uint16(i)
	}
	half := &nn.HalfLinear{Weight: tensor.NewHalf(bits, out, in, tensor.BF16), Bias: random(out)}
	for name, part := range map[string]nn.Layer{
		"weights and a bias": &nn.Linear{Weight: random(in, out), Bias: random(out)},
		"weights":            nn.NewProjection(rng, in, out),
		"16 bits":            half,
		"LoRA":               &nn.LoRA{Base: half, A: random(in, 2), B: random(2, out), Scale: 0.5},
	} {
		var tape *tensor.Tape
		x := random(4, in)
		want := splitColumns(part.Forward(tape, x), heads)
		got := splitPart(part, heads).(nn.Layer).Forward(tape, x)
		if !slices.Equal(got.Data(), want.Data()) {
			t.Errorf("%s: %v, want %v", name, got.Data(), want.Data())
		}
	}
}

// By hand: elements 0 and 1, and 2 and 3, of each of two heads are a pair.
func TestSplitColumns(t *testing.T) {
	got := splitColumns(tensor.FromSlice([]float32{0, 1, 2, 3, 4, 5, 6, 7}, 8), 2)
	if want := []float32{0, 2, 1, 3, 4, 6, 5, 7}; !slices.Equal(got.Data(), want) {
		t.Errorf("%v, want %v", got.Data(), want)
	}
}

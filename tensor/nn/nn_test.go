package nn_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// TestInitialVariance: every layer with weights keeps the variance of rows of variance 1.
func TestInitialVariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := tensor.Normal(rng, 1, 4, 16, 256)
	for name, layer := range map[string]nn.Layer{
		"Linear": nn.NewLinear(rng, 256, 300), "projection": nn.NewProjection(rng, 256, 300),
		"LayerNorm": nn.NewLayerNorm(256), "RMSNorm": nn.NewRMSNorm(256),
	} {
		var squares float64
		y := layer.Forward(nil, x)
		for _, v := range y.Data() {
			squares += float64(v) * float64(v)
		}
		if variance := squares / float64(y.Len()); math.Abs(variance-1) > 0.05 {
			t.Errorf("%s: variance %v, want 1", name, variance)
		}
	}
}

func TestShapesAndParams(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := tensor.Normal(rng, 1, 2, 3, 8)
	exact := nn.NewMLP(rng, 8, 32)
	exact.Activation = (*tensor.Tape).GELU
	grouped := nn.NewAttention(rng, 8, 4, 2)
	grouped.Rotary = tensor.NewRotary(3, tensor.RotaryFrequencies(2, 10000), tensor.HalfSplit)
	for _, c := range []struct {
		name    string
		layer   nn.Layer
		out     int
		weights int
	}{
		{"Linear", nn.NewLinear(rng, 8, 5), 5, 8*5 + 5},
		{"projection", nn.NewProjection(rng, 8, 5), 5, 8 * 5},
		{"LayerNorm", nn.NewLayerNorm(8), 8, 16},
		{"RMSNorm", nn.NewRMSNorm(8), 8, 8},
		{"MLP", nn.NewMLP(rng, 8, 32), 8, 2*8*32 + 40},
		{"MLP with exact GELU", exact, 8, 2*8*32 + 40},
		{"GLU", nn.NewGLU(rng, 8, 24), 8, 3 * 8 * 24},
		{"Attention", nn.NewAttention(rng, 8, 4, 4), 8, 4 * 8 * 8},
		{"grouped Attention with RoPE", grouped, 8, 2*8*8 + 2*8*4},
		{"LoRA", nn.NewLoRA(rng, nn.NewLinear(rng, 8, 5), 2, 4), 5, 2 * (8 + 5)},
	} {
		weights := 0
		for _, p := range c.layer.Params() {
			weights += p.Len()
		}
		if weights != c.weights {
			t.Errorf("%s: %d weights, want %d", c.name, weights, c.weights)
		}
		tape := tensor.NewTape(c.layer.Params()...)
		y := c.layer.Forward(tape, x)
		if !slices.Equal(y.Shape(), []int{2, 3, c.out}) {
			t.Errorf("%s: result has shape %v, want [2 3 %d]", c.name, y.Shape(), c.out)
		}
		tape.Backward(tape.Mean(tape.Mul(y, y)))
		for i, g := range tape.Grads() {
			if !slices.ContainsFunc(g.Data(), func(v float32) bool { return v != 0 }) && c.name != "LoRA" {
				t.Errorf("%s: parameter %d has no part in the result", c.name, i)
			}
		}
	}
}

func TestMisuse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for want, call := range map[string]func(){
		"tensor: NewAttention: 3 heads, 3 of keys and values, do not divide 8 elements": func() { nn.NewAttention(rng, 8, 3, 3) },
		"tensor: NewAttention: 4 heads, 3 of keys and values, do not divide 8 elements": func() { nn.NewAttention(rng, 8, 4, 3) },
	} {
		func() {
			defer func() {
				if err, ok := recover().(*tensor.ShapeError); !ok || err.Error() != want {
					t.Errorf("panics with %v, want %s", err, want)
				}
			}()
			call()
		}()
	}
}

// TestTiedLogits: a row of a table of orthogonal rows has its largest logit for itself.
func TestTiedLogits(t *testing.T) {
	e := &nn.Embedding{Table: tensor.FromSlice([]float32{3, 0, 0, 0, 4, 0}, 2, 3)}
	got := e.Logits(nil, e.Forward(nil, []int32{1, 0, 1}))
	if !slices.Equal(got.Data(), []float32{0, 16, 9, 0, 0, 16}) || !slices.Equal(got.Shape(), []int{3, 2}) {
		t.Errorf("logits are %v of shape %v", got.Data(), got.Shape())
	}
}

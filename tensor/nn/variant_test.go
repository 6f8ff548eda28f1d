package nn_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// side returns one layer whose result is the results of all layers side by side.
func side(layers ...nn.Layer) *nn.Linear {
	in, _ := layers[0].(*nn.Linear).Size()
	wide := 0
	for _, l := range layers {
		_, out := l.(*nn.Linear).Size()
		wide += out
	}
	w := tensor.New(in, wide)
	for i := range in {
		row := w.Row(i)
		for _, l := range layers {
			row = row[copy(row, l.(*nn.Linear).Weight.Row(i)):]
		}
	}
	return &nn.Linear{Weight: w}
}

// TestFused: layers that compute several results side by side give what the single layers give, and
// their gradient.
func TestFused(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := tensor.Normal(rng, 1, 2, 5, 8)
	at, glu := nn.NewAttention(rng, 8, 4, 2), nn.NewGLU(rng, 8, 12)
	at.Rotary = tensor.NewRotary(5, tensor.RotaryFrequencies(2, 100), tensor.HalfSplit)
	fusedAt, fusedGLU := *at, *glu
	fusedAt.QueryKeyValue, fusedAt.Query, fusedAt.Key, fusedAt.Value = side(at.Query, at.Key, at.Value), nil, nil, nil
	fusedGLU.GateUp, fusedGLU.Gate, fusedGLU.Up = side(glu.Gate, glu.Up), nil, nil
	for name, c := range map[string]struct {
		single, fused nn.Layer
		of            []nn.Layer
	}{
		"attention": {at, &fusedAt, []nn.Layer{at.Query, at.Key, at.Value}},
		"GLU":       {glu, &fusedGLU, []nn.Layer{glu.Gate, glu.Up}},
	} {
		a, b := tensor.NewTape(c.single.Params()...), tensor.NewTape(c.fused.Params()...)
		y, z := c.single.Forward(a, x), c.fused.Forward(b, x)
		a.Backward(a.Mean(a.Mul(y, y)))
		b.Backward(b.Mean(b.Mul(z, z)))
		if d := furthest(y.Data(), z.Data()); d > 1e-5 {
			t.Errorf("%s: results differ by %v", name, d)
		}
		var of []nn.Layer
		for _, l := range c.of {
			of = append(of, &nn.Linear{Weight: a.Grad(l.(*nn.Linear).Weight)})
		}
		if d := furthest(side(of...).Weight.Data(), b.Grads()[0].Data()); d > 1e-5 {
			t.Errorf("%s: gradients differ by %v", name, d)
		}
	}
}

// TestNormAll: norms of all heads act before the heads are split, norms of one head after.
func TestNormAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := tensor.Normal(rng, 1, 1, 3, 8)
	at := nn.NewAttention(rng, 8, 4, 4)
	plain := at.Forward(nil, x).Clone().Data()
	at.QueryNorm, at.KeyNorm = nn.NewRMSNorm(2), nn.NewRMSNorm(2)
	heads := at.Forward(nil, x).Clone().Data()
	at.NormAll, at.QueryNorm, at.KeyNorm = true, nn.NewRMSNorm(8), nn.NewRMSNorm(8)
	all := at.Forward(nil, x).Clone().Data()
	if slices.Equal(plain, heads) || slices.Equal(plain, all) || slices.Equal(heads, all) {
		t.Error("two forms of norms compute the same")
	}
	if n := len(at.Params()); n != 6 {
		t.Errorf("%d parameters, want 6", n)
	}
}

// TestRMSNormOffset: an offset of 1 with gain g is gain 1 + g.
func TestRMSNormOffset(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x, g := tensor.Normal(rng, 1, 4, 6), tensor.Normal(rng, 1, 6)
	offset, plain := &nn.RMSNorm{Gain: g, Epsilon: 1e-6, Offset: 1}, &nn.RMSNorm{Gain: tensor.New(6), Epsilon: 1e-6}
	for i, v := range g.Data() {
		plain.Gain.Data()[i] = 1 + v
	}
	a, b := tensor.NewTape(offset.Gain), tensor.NewTape(plain.Gain)
	y, z := offset.Forward(a, x), plain.Forward(b, x)
	a.Backward(a.Mean(a.Mul(y, y)))
	b.Backward(b.Mean(b.Mul(z, z)))
	if !slices.Equal(y.Data(), z.Data()) || !slices.Equal(a.Grads()[0].Data(), b.Grads()[0].Data()) {
		t.Error("results or gradients differ")
	}
}

// TestGELUOfGLU: the field GELU selects the activation.
func TestGELUOfGLU(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x, glu := tensor.Normal(rng, 1, 3, 4), nn.NewGLU(rng, 4, 6)
	var tape *tensor.Tape
	gate, up := glu.Gate.Forward(tape, x), glu.Up.Forward(tape, x)
	for gelu, act := range map[bool]*tensor.Tensor{false: tape.SiLU(gate), true: tape.GELUTanh(gate)} {
		glu.GELU = gelu
		if !slices.Equal(glu.Forward(tape, x).Data(), glu.Down.Forward(tape, tape.Mul(act, up)).Data()) {
			t.Errorf("GELU %v: another activation", gelu)
		}
	}
}

func furthest(a, b []float32) (most float32) {
	for i, v := range a {
		most = max(most, v-b[i], b[i]-v)
	}
	return most
}

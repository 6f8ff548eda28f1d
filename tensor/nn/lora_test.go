package nn_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
	"github.com/undertone-audit/undertone/tensor/optim"
)

func farthest(a, b *tensor.Tensor) (most float64) {
	for i, v := range a.Data() {
		most = max(most, math.Abs(float64(v-b.Data()[i])))
	}
	return most
}

func TestLoRA(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	base := nn.NewLinear(rng, 8, 6)
	weight, bias := base.Weight.Clone(), base.Bias.Clone()
	l := nn.NewLoRA(rng, base, 2, 16)
	if l.Scale != 8 {
		t.Errorf("scale is %v, want α/rank = 8", l.Scale)
	}
	x, want := tensor.Normal(rng, 1, 5, 8), tensor.Normal(rng, 1, 5, 6)
	if d := farthest(l.Forward(nil, x), base.Forward(nil, x)); d != 0 {
		t.Errorf("a new layer differs from its base by %v", d)
	}

	tape, opt := tensor.NewTape(l.Params()...), &optim.Adam{LearningRate: 0.01}
	var losses []float32
	for range 200 {
		tape.Reset()
		miss := tape.Add(l.Forward(tape, x), tape.Scale(want, -1))
		loss := tape.Mean(tape.Mul(miss, miss))
		losses = append(losses, loss.Item())
		tape.Backward(loss)
		opt.Step(tape.Leaves(), tape.Grads())
	}
	if last := losses[len(losses)-1]; last > losses[0]/2 {
		t.Errorf("loss %v after %v: the layer does not learn", last, losses[0])
	}
	if !slices.Equal(base.Weight.Data(), weight.Data()) || !slices.Equal(base.Bias.Data(), bias.Data()) {
		t.Error("training changed the base")
	}

	merged := l.Merge()
	if d := farthest(merged.Forward(nil, x), l.Forward(nil, x)); d > 1e-5 {
		t.Errorf("the merged layer is off by %v", d)
	}
	if d := farthest(merged.Weight, base.Weight); d < 0.01 {
		t.Errorf("the merged weights differ from the base by %v only: nothing was tested", d)
	}
}

// TestLoRAInAttention replaces layers of a model by trained changes to them.
func TestLoRAInAttention(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	a := nn.NewAttention(rng, 8, 2, 2)
	x := tensor.Normal(rng, 1, 1, 4, 8)
	before := a.Forward(nil, x)
	a.Query = nn.NewLoRA(rng, a.Query.(*nn.Linear), 2, 2)
	a.Value = nn.NewLoRA(rng, a.Value.(*nn.Linear), 2, 2)
	if d := farthest(a.Forward(nil, x), before); d != 0 {
		t.Errorf("untrained changes move the result by %v", d)
	}
}

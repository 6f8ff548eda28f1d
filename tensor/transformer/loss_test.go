package transformer_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/shard"
)

// TestLoss: the loss is the mean of −LogProbs over targets, its gradient is that of cross-entropy
// on the logits, and padding changes neither.
func TestLoss(t *testing.T) {
	for name, c := range families {
		t.Run(name, func(t *testing.T) {
			m := random(t, c)
			rng := rand.New(rand.NewPCG(5, 6))
			ids, targets := draw(rng, 40, c.Vocabulary), draw(rng, 40, c.Vocabulary)
			for i := 15; i < 20; i++ { // the first of two sequences is shorter
				targets[i] = tensor.Ignore
			}
			a, b := tensor.NewTape(m.Params()...), tensor.NewTape(m.Params()...)
			loss := m.Loss(a, ids, targets, 2)
			a.Backward(loss)
			for i := 15; i < 20; i++ {
				ids[i] = 0
			}
			want := b.CrossEntropy(m.Logits(b, m.Hidden(b, ids, 2)), targets)
			b.Backward(want)
			var mean float64
			for _, v := range m.LogProbs(nil, ids, targets, 2) {
				mean -= float64(v) / 35
			}
			if got := float64(loss.Item()); math.Abs(got-float64(want.Item())) > 1e-5 || math.Abs(got-mean) > 1e-5 {
				t.Errorf("loss is %v, want %v, of LogProbs %v", got, want.Item(), mean)
			}
			for i, g := range a.Grads() {
				if d := farthest(g.Data(), b.Grads()[i].Data()); d > 1e-4 {
					t.Errorf("the gradient of parameter %d is off by %v", i, d)
				}
			}
		})
	}
}

// TestCheck: Hidden panics exactly on the ids that Check refuses.
func TestCheck(t *testing.T) {
	m := random(t, families["llama"])
	for want, ids := range map[string][]int32{
		"": {0, 22},
		"transformer: a sequence of 91 tokens is longer than the context of 90": make([]int32, 91),
		"transformer: id 23 of token 1 is not in the vocabulary of 23":          {0, 23},
		"transformer: id -1 of token 0 is not in the vocabulary of 23":          {-1},
	} {
		if err := m.Check(ids); (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%v: error %v, want %q", ids, err, want)
		}
	}
}

// TestShards: two shards of a batch have the loss of the whole.
func TestShards(t *testing.T) {
	m := random(t, families["qwen3"])
	ids := draw(rand.New(rand.NewPCG(5, 6)), 81, 23)
	part := func(from, to int) func(*tensor.Tape, int) (*tensor.Tensor, float64) {
		return func(tape *tensor.Tape, i int) (*tensor.Tensor, float64) {
			at := from + i*(to-from)
			return m.Loss(tape, ids[20*at:20*(at+to-from)], ids[20*at+1:20*(at+to-from)+1], to-from), float64(to - from)
		}
	}
	one, two := shard.NewTapes(1, m.Params()...), shard.NewTapes(2, m.Params()...)
	a, _ := one.Backward(part(0, 4))
	if b, _ := two.Backward(part(0, 2)); math.Abs(a-b) > 1e-5 {
		t.Errorf("loss %v of the whole, %v of two shards", a, b)
	}
}

package nn_test

import (
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/optim"
)

func BenchmarkStep(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	m := newGPT(rng, gptConfig{vocabulary: 512, context: 128, layers: 4, dim: 128, heads: 4})
	ids, targets := make([]int32, 16*128), make([]int32, 16*128)
	for i := range ids {
		ids[i], targets[i] = rng.Int32N(512), rng.Int32N(512)
	}
	tape := tensor.NewTape(m.params()...)
	opt := &optim.AdamW{Adam: optim.Adam{LearningRate: 1e-3}, WeightDecay: 0.1}
	b.Run("model=gpt/shards=1", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			tape.Reset()
			tape.Backward(tape.CrossEntropy(m.logits(tape, ids, 16), targets))
			opt.Step(tape.Leaves(), tape.Grads())
		}
	})
}

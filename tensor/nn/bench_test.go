package nn_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
	"github.com/undertone-audit/undertone/tensor/optim"
	"github.com/undertone-audit/undertone/tensor/shard"
)

// BenchmarkStep measures a training step: forward, backward and the update.
func BenchmarkStep(b *testing.B) {
	for _, batch := range []int{1024, 64} {
		for _, shards := range []int{1, 2} {
			b.Run(fmt.Sprintf("model=digits-mlp/batch=%d/shards=%d", batch, shards), func(b *testing.B) {
				params, loss := digitsMLP(batch, shards)
				benchmarkStep(b, shards, params, &optim.Adam{LearningRate: 3e-4}, loss)
			})
		}
	}
	for _, shards := range []int{1, 2} {
		b.Run(fmt.Sprintf("model=gpt/layers=4/dim=128/heads=4/batch=16/tokens=128/vocabulary=512/shards=%d", shards), func(b *testing.B) {
			params, loss := smallGPT(shards)
			benchmarkStep(b, shards, params, &optim.AdamW{Adam: optim.Adam{LearningRate: 3e-4}, WeightDecay: 0.1}, loss)
		})
	}
}

func benchmarkStep(b *testing.B, shards int, params []*tensor.Tensor, opt optim.Optimizer, loss shard.Loss) {
	tapes := shard.NewTapes(shards, params...)
	step := func() {
		tapes.Backward(loss)
		opt.Step(tapes.Leaves(), tapes.Grads())
	}
	step() // allocates the memory
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
}

// digitsMLP returns the network 784-256-256-13 on noise, which learns soft targets.
func digitsMLP(batch, shards int) ([]*tensor.Tensor, shard.Loss) {
	rng := rand.New(rand.NewPCG(1, 2))
	layers := []*nn.Linear{nn.NewLinear(rng, 784, 256), nn.NewLinear(rng, 256, 256), nn.NewLinear(rng, 256, 13)}
	x := tensor.Uniform(rng, -1, 1, batch, 784)
	targets := (*tensor.Tape)(nil).Softmax(tensor.Normal(rng, 1, batch, 13))
	return nn.Params(layers[0], layers[1], layers[2]), func(t *tensor.Tape, i int) (*tensor.Tensor, float64) {
		from, to := shard.Range(batch, shards, i)
		h := t.LinearReLU(t.Rows(x, from, to), layers[0].Weight, layers[0].Bias)
		h = t.LinearReLU(h, layers[1].Weight, layers[1].Bias)
		return t.SoftCrossEntropy(layers[2].Forward(t, h), t.Rows(targets, from, to)), float64(to - from)
	}
}

// smallGPT returns a GPT with 0.9 million parameters on random tokens.
func smallGPT(shards int) ([]*tensor.Tensor, shard.Loss) {
	const batch, tokens, vocabulary = 16, 128, 512
	rng := rand.New(rand.NewPCG(1, 2))
	m := newGPT(rng, gptConfig{vocabulary: vocabulary, context: tokens, layers: 4, dim: 128, heads: 4})
	ids := make([]int32, batch*tokens+1)
	for i := range ids {
		ids[i] = rng.Int32N(vocabulary)
	}
	return m.params(), func(t *tensor.Tape, i int) (*tensor.Tensor, float64) {
		from, to := shard.Range(batch, shards, i)
		logits := m.logits(t, ids[from*tokens:to*tokens], to-from)
		return t.CrossEntropy(logits, ids[from*tokens+1:to*tokens+1]), float64(to - from)
	}
}

package nn_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/optim"
)

// repetition returns sequences whose second half repeats the random first half. The targets are the
// tokens of the second half, which only attention can predict.
func repetition(rng *rand.Rand, vocabulary, half int, ids, targets []int32) {
	for at := 0; at < len(ids); at += 2 * half {
		for i := range 2 * half {
			if i < half {
				ids[at+i] = rng.Int32N(int32(vocabulary))
			} else {
				ids[at+i] = ids[at+i-half]
			}
			targets[at+i] = tensor.Ignore
			if next := i + 1; next >= half && next < 2*half {
				targets[at+i] = ids[at+next-half]
			}
		}
	}
}

// TestTransformersLearnToRepeat: a model that knows nothing has a loss of log 12; a model that
// attends to the token after the last occurrence has a loss of 0.
func TestTransformersLearnToRepeat(t *testing.T) {
	const vocabulary, half, batch, steps = 12, 6, 32, 400
	config := gptConfig{vocabulary: vocabulary, context: 2 * half, layers: 2, dim: 32, heads: 4}
	for name, build := range map[string]func(*rand.Rand, gptConfig) *gpt{"gpt": newGPT, "llama": newLlama} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			m := build(rng, config)
			tape := tensor.NewTape(m.params()...)
			opt := &optim.AdamW{WeightDecay: 0.01}
			rate := optim.Cosine(1e-2, steps/10, steps)
			ids, targets := make([]int32, batch*2*half), make([]int32, batch*2*half)
			var first, last float64
			for step := range steps {
				repetition(rng, vocabulary, half, ids, targets)
				tape.Reset()
				loss := tape.CrossEntropy(m.logits(tape, ids, batch), targets)
				tape.Backward(loss)
				optim.ClipNorm(tape.Grads(), 1)
				opt.LearningRate = rate(step)
				opt.Step(tape.Leaves(), tape.Grads())
				if last = float64(loss.Item()); step == 0 {
					first = last
				}
			}
			if math.Abs(first-math.Log(vocabulary)) > 1 || last > 0.1 {
				t.Errorf("loss %.3f at first and %.3f after %d steps, want about %.3f and below 0.1", first, last, steps, math.Log(vocabulary))
			}
			t.Logf("loss %.3f, then %.4f", first, last)
		})
	}
}

// TestTransformersAreCausal: no token changes a bit of the logits before it.
func TestTransformersAreCausal(t *testing.T) {
	config := gptConfig{vocabulary: 12, context: 40, layers: 2, dim: 16, heads: 2}
	for name, build := range map[string]func(*rand.Rand, gptConfig) *gpt{"gpt": newGPT, "llama": newLlama} {
		rng := rand.New(rand.NewPCG(3, 4))
		m := build(rng, config)
		ids := make([]int32, 40)
		before := m.logits(nil, ids, 1)
		ids[35] = 7
		after := m.logits(nil, ids, 1)
		for i := range ids {
			same := true
			for j, v := range after.Row(i) {
				same = same && v == before.Row(i)[j]
			}
			if same != (i < 35) {
				t.Errorf("%s: token 35 changed the logits of token %d: %v", name, i, !same)
			}
		}
	}
}

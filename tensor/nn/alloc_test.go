//go:build !race

package nn_test

import (
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// Under the race detector sync.Pool drops items at random, and the workspaces of the kernels come
// from a pool.
func TestStepAllocatesNothing(t *testing.T) {
	config := gptConfig{vocabulary: 12, context: 40, layers: 2, dim: 16, heads: 2}
	ids := make([]int32, 2*40)
	for name, build := range map[string]func(*rand.Rand, gptConfig) *gpt{"gpt": newGPT, "llama": newLlama} {
		rng := rand.New(rand.NewPCG(1, 2))
		m := build(rng, config)
		m.head = nn.NewLoRA(rng, m.head.(*nn.Linear), 2, 4)
		tape := tensor.NewTape(m.params()...)
		step := func() {
			tape.Reset()
			tape.Backward(tape.CrossEntropy(m.logits(tape, ids, 2), ids))
		}
		step()
		if allocs := testing.AllocsPerRun(20, step); allocs != 0 {
			t.Errorf("%s: a step on a warm tape makes %v allocations, want none", name, allocs)
		}
	}
}

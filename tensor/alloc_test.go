//go:build !race

package tensor

import (
	"math/rand/v2"
	"testing"
)

// Under the race detector sync.Pool drops items at random, and the workspaces of the kernels come
// from a pool.
func TestStepAllocatesNothing(t *testing.T) {
	n := newNetwork()
	tape := NewTape(n.params()...)
	table, ids := Normal(rand.New(rand.NewPCG(1, 1)), 1, 5, 4), []int32{0, 3, 4, 1}
	q := Normal(rand.New(rand.NewPCG(2, 2)), 1, 1, 40, 2, 4)
	gain, bias := Normal(rand.New(rand.NewPCG(3, 3)), 1, 4), New(4)
	angles := NewRotary(40, RotaryFrequencies(4, 10), HalfSplit)
	tape.Watch(table, q, gain, bias)
	step := func() {
		tape.Reset()
		bag := tape.Tanh(tape.EmbeddingBag(table, ids, 2))
		soft := tape.Softmax(tape.Columns(tape.Reshape(bag, 4, 2), 0, 2))
		other := tape.Scale(tape.Mean(tape.Mul(soft, tape.LogSoftmax(soft))), 0.5)
		heads := tape.RoPE(tape.LayerNorm(tape.RMSNorm(q, gain, 1), gain, bias, 1), angles, nil)
		seen := tape.SwapAxes(tape.SiLU(tape.CausalAttention(heads, heads, q)), 1, 2)
		other = tape.Add(other, tape.Mean(tape.SwiGLU(tape.GELU(seen), tape.GELUTanh(seen))))
		tape.Backward(tape.Add(tape.Add(n.loss(tape), other), tape.Sum(tape.MatMul(n.w1, n.w2))))
	}
	step()
	if allocs := testing.AllocsPerRun(20, step); allocs != 0 {
		t.Errorf("a step on a warm tape makes %v allocations, want none", allocs)
	}
}

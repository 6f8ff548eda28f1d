//go:build !race

package transformer_test

import (
	"testing"

	"github.com/undertone-audit/undertone/tensor"
)

// Under the race detector sync.Pool drops items at random, and the workspaces of the kernels come
// from a pool.
func TestStepAllocatesNothing(t *testing.T) {
	for name, c := range families {
		m := random(t, c)
		tape, ids := tensor.NewTape(m.Params()...), make([]int32, 2*40)
		step := func() {
			tape.Reset()
			tape.Backward(m.Loss(tape, ids, ids, 2))
		}
		step()
		if allocs := testing.AllocsPerRun(20, step); allocs != 0 {
			t.Errorf("%s: a step on a warm tape makes %v allocations, want none", name, allocs)
		}

		s, next := m.NewSession(2), [][]int32{{1}, {2}}
		for range 40 { // the memory has room for 64 tokens
			s.Extend(next)
		}
		if allocs := testing.AllocsPerRun(10, func() { s.Extend(next) }); allocs > 4 {
			t.Errorf("%s: a token of each sequence makes %v allocations, want but a few headers", name, allocs)
		}
	}
}

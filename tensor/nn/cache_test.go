package nn_test

import (
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// TestExtendIsForward reads two sequences of different lengths in pieces.
func TestExtendIsForward(t *testing.T) {
	const dim, tokens = 16, 40
	rng := rand.New(rand.NewPCG(1, 2))
	a := nn.NewAttention(rng, dim, 4, 2)
	a.Rotary = tensor.NewRotary(tokens, tensor.RotaryFrequencies(4, 100), tensor.HalfSplit)
	x := tensor.Normal(rng, 1, 2, tokens, dim)
	want := a.Forward(nil, x)

	const ahead = 5 // tokens that the second sequence has read before
	var tape *tensor.Tape
	caches := []*nn.Cache{{}, {}}
	piece := func(sequence, from, to int) *tensor.Tensor {
		return tape.Rows(tape.Reshape(x, 2*tokens, dim), sequence*tokens+from, sequence*tokens+to)
	}
	a.Extend(tape, tape.Reshape(piece(1, 0, ahead), 1, ahead, dim), caches[1:])
	for from, size := 0, 1; from+size+ahead <= tokens; from, size = from+size, size+3 {
		both := tensor.New(2, size, dim)
		copy(both.Data(), piece(0, from, from+size).Data())
		copy(both.Data()[size*dim:], piece(1, from+ahead, from+ahead+size).Data())
		y := a.Extend(tape, both, caches)
		for i := range size {
			for sequence, at := range []int{from + i, from + ahead + i} {
				for j, v := range want.Row(sequence*tokens + at) {
					if d := v - y.Row(sequence*size + i)[j]; max(d, -d) > 1e-5 {
						t.Fatalf("sequence %d, token %d: element %d is off by %v", sequence, at, j, d)
					}
				}
			}
		}
	}
}

package transformer_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/optim"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// A small Llama learns that the next token is the next number.
func Example() {
	m, err := transformer.New(rand.New(rand.NewPCG(1, 2)), transformer.Config{
		Architecture: transformer.Llama, Vocabulary: 8, Context: 16, Dim: 16, Layers: 2, Heads: 4, Hidden: 32,
	})
	if err != nil {
		panic(err)
	}
	ids := []int32{0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7, 0, 1, 2, 3} // two sequences of eight tokens
	targets := make([]int32, len(ids))
	for i, id := range ids {
		targets[i] = (id + 1) % 8
	}
	tape, opt := tensor.NewTape(m.Params()...), &optim.Adam{LearningRate: 1e-2}
	for range 60 {
		tape.Reset()
		tape.Backward(m.Loss(tape, ids, targets, 2))
		opt.Step(tape.Leaves(), tape.Grads())
	}
	logits := m.NewSession(1).Extend([][]int32{{2, 3, 4}}).Row(0)
	best := 0
	for id, l := range logits {
		if l > logits[best] {
			best = id
		}
	}
	fmt.Println("after 2, 3, 4:", best)
	// Output: after 2, 3, 4: 5
}

package shard_test

import (
	"fmt"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/optim"
	"github.com/undertone-audit/undertone/tensor/shard"
)

// Fits a line through four points, two on each of two shards.
func Example() {
	x := tensor.FromSlice([]float32{-1, 0, 1, 2}, 4, 1)
	y := tensor.FromSlice([]float32{-1, 1, 3, 5}, 4, 1)
	slope, offset := tensor.New(1, 1), tensor.New(1)

	tapes, opt := shard.NewTapes(2, slope, offset), &optim.SGD{LearningRate: 0.2}
	for range 100 {
		tapes.Backward(func(tape *tensor.Tape, i int) (*tensor.Tensor, float64) {
			from, to := shard.Range(4, tapes.Len(), i)
			line := tape.Linear(tape.Rows(x, from, to), slope, offset)
			miss := tape.Add(line, tape.Scale(tape.Rows(y, from, to), -1))
			return tape.Mean(tape.Mul(miss, miss)), float64(to - from)
		})
		opt.Step(tapes.Leaves(), tapes.Grads())
	}
	fmt.Printf("y = %.1f·x + %.1f\n", slope.Item(), offset.Item())
	// Output: y = 2.0·x + 1.0
}

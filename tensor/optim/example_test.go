package optim_test

import (
	"fmt"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/optim"
)

// Minimises (x − 3)² with a schedule and clipped gradients.
func Example() {
	const steps = 100
	x := tensor.New(1)
	tape := tensor.NewTape(x)
	opt, rate := &optim.AdamW{}, optim.Cosine(0.2, 10, steps)
	for step := range steps {
		tape.Reset()
		miss := tape.Add(x, tensor.FromSlice([]float32{-3}, 1))
		tape.Backward(tape.Sum(tape.Mul(miss, miss)))
		optim.ClipNorm(tape.Grads(), 1)
		opt.LearningRate = rate(step)
		opt.Step(tape.Leaves(), tape.Grads())
	}
	fmt.Printf("%.1f\n", x.Item())
	// Output: 3.0
}

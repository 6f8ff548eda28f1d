package nn_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// Half a block of a Llama: 8 heads that share 2 heads of keys and values.
func Example() {
	rng := rand.New(rand.NewPCG(1, 2))
	norm, attention := nn.NewRMSNorm(64), nn.NewAttention(rng, 64, 8, 2)
	attention.Rotary = tensor.NewRotary(128, tensor.RotaryFrequencies(8, 10000), tensor.HalfSplit)

	tape := tensor.NewTape(nn.Params(norm, attention)...)
	x := tensor.Normal(rng, 1, 2, 10, 64) // [batch tokens dim]
	y := tape.Add(x, attention.Forward(tape, norm.Forward(tape, x)))
	fmt.Println(y.Shape(), len(tape.Leaves()), "parameters")
	// Output: [2 10 64] 5 parameters
}

// Fine-tuning of few parameters: the tape watches the low-rank change only.
func ExampleLoRA() {
	rng := rand.New(rand.NewPCG(1, 2))
	attention := nn.NewAttention(rng, 64, 8, 8)
	change := nn.NewLoRA(rng, attention.Query.(*nn.Linear), 4, 8)
	attention.Query = change

	tape := tensor.NewTape(change.Params()...)
	x := tensor.Normal(rng, 1, 1, 10, 64)
	tape.Backward(tape.Sum(attention.Forward(tape, x)))
	for _, g := range tape.Grads() {
		fmt.Println(g.Shape())
	}
	attention.Query = change.Merge()
	// Output:
	// [64 4]
	// [4 64]
}

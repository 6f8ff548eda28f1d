package tensor_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/optim"
)

// A network with one hidden layer learns exclusive or.
func Example() {
	x := tensor.FromSlice([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2)
	labels := []int32{0, 1, 1, 0}

	rng := rand.New(rand.NewPCG(1, 0))
	w1, b1 := tensor.Normal(rng, 1, 2, 16), tensor.New(16)
	w2, b2 := tensor.Normal(rng, 0.25, 16, 2), tensor.New(2)
	tape := tensor.NewTape(w1, b1, w2, b2)
	opt := &optim.Adam{LearningRate: 0.05}

	var loss *tensor.Tensor
	for range 200 {
		tape.Reset()
		hidden := tape.LinearReLU(x, w1, b1)
		loss = tape.CrossEntropy(tape.Linear(hidden, w2, b2), labels)
		tape.Backward(loss)
		opt.Step(tape.Leaves(), tape.Grads())
	}
	fmt.Println("learnt:", loss.Item() < 0.01)

	var eval *tensor.Tape // a nil tape computes and records nothing
	probs := eval.Softmax(eval.Linear(eval.LinearReLU(x, w1, b1), w2, b2))
	for i := range labels {
		fmt.Printf("%v xor %v: %.0f\n", x.At(i, 0), x.At(i, 1), probs.At(i, 1))
	}
	// Output:
	// learnt: true
	// 0 xor 0: 0
	// 0 xor 1: 1
	// 1 xor 0: 1
	// 1 xor 1: 0
}

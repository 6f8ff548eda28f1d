package optim

import (
	"slices"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
)

// Five steps give the bits of two steps and three steps with a restored optimizer.
func TestRestoredAdamGoesOn(t *testing.T) {
	steps := func(o *AdamW, w *tensor.Tensor, from, to int) {
		for i := from; i < to; i++ {
			g := tensor.FromSlice([]float32{float32(i) - 2.5, 0.1}, 2)
			o.Step([]*tensor.Tensor{w}, []*tensor.Tensor{g})
		}
	}
	fresh := func() *AdamW { return &AdamW{Adam: Adam{LearningRate: 0.1}, WeightDecay: 0.2} }
	whole, w := fresh(), tensor.FromSlice([]float32{1, -1}, 2)
	steps(whole, w, 0, 5)

	first, v := fresh(), tensor.FromSlice([]float32{1, -1}, 2)
	steps(first, v, 0, 2)
	s := first.State()
	second := fresh()
	second.Restore(State{s.Step, [][]float32{slices.Clone(s.First[0])}, [][]float32{slices.Clone(s.Second[0])}})
	steps(first, tensor.New(2), 2, 3) // changes the state of first, not the copy
	steps(second, v, 2, 5)
	if !slices.Equal(v.Data(), w.Data()) || second.State().Step != 5 {
		t.Errorf("restored: %v after %d steps, want %v", v.Data(), second.State().Step, w.Data())
	}
}

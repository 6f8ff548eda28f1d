// Package fit is the training loop that the students share.
package fit

import (
	"context"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/optim"
)

// Loss computes the loss of the tape's leaves on a batch of row indices, a scalar. A
// nil loss with a nil error skips the batch.
type Loss func(tape *tensor.Tape, rows []int) (*tensor.Tensor, error)

// Run trains params in place on one goroutine, in the order that [student.Order]
// gives. It returns ctx's error soon after ctx is done, and an error if the data
// has no rows or if the loss or a weight stops being finite; params are of no
// use after an error.
func Run(ctx context.Context, params []*tensor.Tensor, data undertone.Data, recipe student.Recipe, loss Loss) error {
	recipe, err := recipe.WithDefaults()
	if err != nil {
		return err
	}
	if data.Len() == 0 {
		return fmt.Errorf("data set %.80q has no rows to learn from", data.Name())
	}
	opt := optimizer(recipe)
	tape := tensor.NewTape(params...)
	size := min(recipe.BatchSize, data.Len())
	for epoch := range recipe.Epochs {
		order := student.Order(data, recipe.Seed, epoch)
		for at := 0; at < len(order); at += size {
			if err := ctx.Err(); err != nil {
				return err
			}
			tape.Reset()
			l, err := loss(tape, order[at:min(at+size, len(order))])
			if err != nil {
				return fmt.Errorf("training on %.80q: %w", data.Name(), err)
			}
			if l == nil {
				continue
			}
			if v := float64(l.Item()); math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("training on %.80q: the loss is %v in epoch %d; lower the learning rate of %v", data.Name(), v, epoch, recipe.LearningRate)
			}
			tape.Backward(l)
			opt.Step(tape.Leaves(), tape.Grads())
		}
	}
	if !Finite(params) {
		return fmt.Errorf("training on %.80q: a weight is not finite; lower the learning rate of %v", data.Name(), recipe.LearningRate)
	}
	return nil
}

// Clone copies the parameters that training will change.
func Clone(params []*tensor.Tensor) []*tensor.Tensor {
	own := make([]*tensor.Tensor, len(params))
	for i, p := range params {
		own[i] = p.Clone()
	}
	return own
}

// Finite reports whether all weights are finite.
func Finite(params []*tensor.Tensor) bool {
	for _, p := range params {
		for _, v := range p.Data() {
			if v-v != 0 {
				return false
			}
		}
	}
	return true
}

// optimizer returns the one that a recipe with defaults filled in names.
func optimizer(r student.Recipe) optim.Optimizer {
	switch adam := (optim.Adam{LearningRate: r.LearningRate}); r.Optimizer {
	case student.SGD:
		return &optim.SGD{LearningRate: r.LearningRate}
	case student.AdamW:
		return &optim.AdamW{Adam: adam, WeightDecay: r.WeightDecay}
	default:
		return &adam
	}
}

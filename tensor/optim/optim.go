package optim

import (
	"fmt"

	"github.com/undertone-audit/undertone/tensor"
)

// Optimizer changes parameters by their gradients. It keeps its state by position, so every Step
// must get the same parameters in the same order. An Optimizer is for one goroutine at a time.
type Optimizer interface {
	// Step changes params in place by their gradients, which it does not change.
	Step(params, grads []*tensor.Tensor)
}

// check panics unless params and grads agree in number and size, and with the state of an earlier
// step.
func check(op string, params, grads []*tensor.Tensor, state [][]float32) {
	if len(params) != len(grads) {
		misuse(op, "%d parameters and %d gradients", len(params), len(grads))
	}
	if state != nil && len(state) != len(params) {
		misuse(op, "%d parameters after a step with %d", len(params), len(state))
	}
	for i, p := range params {
		if p.Len() != grads[i].Len() {
			misuse(op, "parameter %d has shape %v, its gradient %v", i, p.Shape(), grads[i].Shape())
		}
		if state != nil && len(state[i]) != p.Len() {
			misuse(op, "parameter %d has %d elements after a step with %d", i, p.Len(), len(state[i]))
		}
	}
}

func misuse(op, format string, args ...any) {
	panic(&tensor.ShapeError{Op: op, Reason: fmt.Sprintf(format, args...)})
}

// zeros returns a slice of zeros for each parameter.
func zeros(params []*tensor.Tensor) [][]float32 {
	state := make([][]float32, len(params))
	for i, p := range params {
		state[i] = make([]float32, p.Len())
	}
	return state
}

package nn

import (
	"fmt"

	"github.com/undertone-audit/undertone/tensor"
)

// Layer maps rows to rows: x is [... in], the result is [... out].
type Layer interface {
	Module
	// Forward computes the layer on a tape, or without a record if t is nil.
	Forward(t *tensor.Tape, x *tensor.Tensor) *tensor.Tensor
}

// Module is anything with parameters.
type Module interface {
	// Params returns the tensors that training changes, always in the same order.
	Params() []*tensor.Tensor
}

var _ = []Layer{(*Linear)(nil), (*HalfLinear)(nil), (*LoRA)(nil), (*LayerNorm)(nil), (*RMSNorm)(nil), (*MLP)(nil), (*GLU)(nil), (*Attention)(nil)}

// Params returns the parameters of all modules, in order.
func Params(modules ...Module) []*tensor.Tensor {
	var params []*tensor.Tensor
	for _, m := range modules {
		params = append(params, m.Params()...)
	}
	return params
}

// present returns the tensors that are not nil.
func present(params ...*tensor.Tensor) []*tensor.Tensor {
	var some []*tensor.Tensor
	for _, p := range params {
		if p != nil {
			some = append(some, p)
		}
	}
	return some
}

func misuse(op, format string, args ...any) {
	panic(&tensor.ShapeError{Op: op, Reason: fmt.Sprintf(format, args...)})
}

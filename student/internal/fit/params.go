package fit

import "github.com/undertone-audit/undertone/tensor"

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

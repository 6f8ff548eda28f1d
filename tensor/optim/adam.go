package optim

import (
	"cmp"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// Adam is the method of Kingma & Ba 2015, Algorithm 1. In step t, from 1:
//
//	m ← β₁·m + (1−β₁)·g
//	v ← β₂·v + (1−β₂)·g²
//	θ ← θ − LearningRate · m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε)
//
// where β₁ = Beta1, β₂ = Beta2, ε = Epsilon.
type Adam struct {
	LearningRate float64 // may change between steps
	Beta1        float64 // (default 0.9)
	Beta2        float64 // (default 0.999)
	Epsilon      float64 // (default 1e-8)

	step          int
	first, second [][]float32 // m and v
}

// Step implements [Optimizer].
func (o *Adam) Step(params, grads []*tensor.Tensor) { o.update("Adam", params, grads, 0) }

// AdamW is [Adam] with the decoupled weight decay of Loshchilov & Hutter 2019, Algorithm 2, scaled
// by the learning rate as in PyTorch:
//
//	θ ← θ − LearningRate·WeightDecay·θ, then the step of Adam
//
// for every parameter, including biases.
type AdamW struct {
	Adam
	WeightDecay float64 // >= 0; 0 is Adam (default 0)
}

// Step implements [Optimizer].
func (o *AdamW) Step(params, grads []*tensor.Tensor) {
	o.update("AdamW", params, grads, o.WeightDecay)
}

func (o *Adam) update(op string, params, grads []*tensor.Tensor, decay float64) {
	check(op, params, grads, o.first)
	if o.first == nil {
		o.first, o.second = zeros(params), zeros(params)
	}
	o.step++
	s := kernel.AdamStep{
		Rate:    o.LearningRate,
		Beta1:   cmp.Or(o.Beta1, 0.9),
		Beta2:   cmp.Or(o.Beta2, 0.999),
		Epsilon: cmp.Or(o.Epsilon, 1e-8),
		Decay:   decay,
		Step:    o.step,
	}
	for i, p := range params {
		kernel.Adam(p.Data(), grads[i].Data(), o.first[i], o.second[i], s)
	}
}

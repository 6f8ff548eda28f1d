package optim

import (
	"math"

	"github.com/undertone-audit/undertone/tensor"
)

// Adam is the method of Kingma & Ba 2015, Algorithm 1. In step t, from 1:
//
//	m ← β₁·m + (1−β₁)·g
//	v ← β₂·v + (1−β₂)·g²
//	θ ← θ − LearningRate · m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε)
//
// with β₁ = Beta1, β₂ = Beta2, ε = Epsilon.
type Adam struct {
	LearningRate float64 // may change between steps
	Beta1        float64 // 0 means 0.9
	Beta2        float64 // 0 means 0.999
	Epsilon      float64 // 0 means 1e-8

	step         int
	first, other [][]float32 // m and v
}

// Step implements [Optimizer].
func (o *Adam) Step(params, grads []*tensor.Tensor) { o.update("Adam", params, grads, 0) }

// AdamW is [Adam] with the decoupled weight decay of Loshchilov & Hutter 2019,
// Algorithm 2, scaled by the learning rate as PyTorch does:
//
//	θ ← θ − LearningRate·WeightDecay·θ, then the step of Adam
//
// for every parameter, biases included.
type AdamW struct {
	Adam
	WeightDecay float64 // 0 is Adam
}

// Step implements [Optimizer].
func (o *AdamW) Step(params, grads []*tensor.Tensor) {
	o.update("AdamW", params, grads, o.LearningRate*o.WeightDecay)
}

func (o *Adam) update(op string, params, grads []*tensor.Tensor, decay float64) {
	check(op, params, grads, o.first)
	if o.first == nil {
		o.first, o.other = zeros(params), zeros(params)
	}
	o.step++
	beta1, beta2, epsilon := or(o.Beta1, 0.9), or(o.Beta2, 0.999), or(o.Epsilon, 1e-8)
	t := float64(o.step)
	c := adamStep{
		keep:    float32(1 - decay),
		beta1:   float32(beta1),
		beta2:   float32(beta2),
		rest1:   float32(1 - beta1),
		rest2:   float32(1 - beta2),
		rate:    float32(o.LearningRate / (1 - math.Pow(beta1, t))),
		unbias2: float32(1 / (1 - math.Pow(beta2, t))),
		epsilon: float32(epsilon),
	}
	for i, p := range params {
		c.apply(p.Data(), grads[i].Data(), o.first[i], o.other[i])
	}
}

// adamStep holds the factors of one step, which are the same for all elements.
type adamStep struct{ keep, beta1, beta2, rest1, rest2, rate, unbias2, epsilon float32 }

func (c adamStep) apply(w, g, m, v []float32) {
	g, m, v = g[:len(w)], m[:len(w)], v[:len(w)]
	for j, d := range g {
		m[j] = c.beta1*m[j] + c.rest1*d
		v[j] = c.beta2*v[j] + c.rest2*d*d
		root := float32(math.Sqrt(float64(v[j] * c.unbias2)))
		w[j] = w[j]*c.keep - c.rate*m[j]/(root+c.epsilon)
	}
}

func or(v, byDefault float64) float64 {
	if v == 0 {
		return byDefault
	}
	return v
}

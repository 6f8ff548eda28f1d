package optim

import (
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// SGD is stochastic gradient descent with the heavy-ball momentum of Sutskever et al. 2013, in the
// form of PyTorch:
//
//	v ← Momentum·v + g
//	θ ← θ − LearningRate·v
type SGD struct {
	LearningRate float64 // may change between steps
	Momentum     float64 // >= 0; 0 is plain gradient descent (default 0)

	velocity [][]float32
}

// Step implements [Optimizer].
func (o *SGD) Step(params, grads []*tensor.Tensor) {
	check("SGD", params, grads, o.velocity)
	rate := float32(o.LearningRate)
	if o.Momentum == 0 {
		for i, p := range params {
			kernel.Axpy(p.Data(), grads[i].Data(), -rate)
		}
		return
	}
	if o.velocity == nil {
		o.velocity = zeros(params)
	}
	for i, p := range params {
		v := o.velocity[i]
		kernel.Scale(v, float32(o.Momentum))
		kernel.Add(v, grads[i].Data())
		kernel.Axpy(p.Data(), v, -rate)
	}
}

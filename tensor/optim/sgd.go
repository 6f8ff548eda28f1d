package optim

import "github.com/undertone-audit/undertone/tensor"

// SGD is stochastic gradient descent with the heavy-ball momentum of Sutskever
// et al. 2013 in the form that PyTorch uses:
//
//	v ← Momentum·v + g
//	θ ← θ − LearningRate·v
type SGD struct {
	LearningRate float64 // may change between steps
	Momentum     float64 // 0 is plain gradient descent

	velocity [][]float32
}

// Step implements [Optimizer].
func (o *SGD) Step(params, grads []*tensor.Tensor) {
	check("SGD", params, grads, o.velocity)
	rate, momentum := float32(o.LearningRate), float32(o.Momentum)
	if momentum == 0 {
		for i, p := range params {
			w := p.Data()
			for j, g := range grads[i].Data() {
				w[j] -= rate * g
			}
		}
		return
	}
	if o.velocity == nil {
		o.velocity = zeros(params)
	}
	for i, p := range params {
		w, v := p.Data(), o.velocity[i]
		for j, g := range grads[i].Data() {
			v[j] = momentum*v[j] + g
			w[j] -= rate * v[j]
		}
	}
}

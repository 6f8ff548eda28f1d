package fit

import (
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/optim"
)

// optimizer is an optimizer that a recipe may name: one of its fields is set.
type optimizer struct {
	adam *optim.AdamW // without decay it is Adam, bit for bit
	sgd  *optim.SGD
}

// newOptimizer returns the optimizer of a recipe that has its defaults.
func newOptimizer(r student.Recipe) *optimizer {
	switch r.Optimizer {
	case student.SGD:
		return &optimizer{sgd: &optim.SGD{}}
	case student.AdamW:
		return &optimizer{adam: &optim.AdamW{WeightDecay: r.WeightDecay}}
	default:
		return &optimizer{adam: &optim.AdamW{}}
	}
}

func (o *optimizer) step(rate float64, params, grads []*tensor.Tensor) {
	if o.sgd != nil {
		o.sgd.LearningRate = rate
		o.sgd.Step(params, grads)
		return
	}
	o.adam.LearningRate = rate
	o.adam.Step(params, grads)
}

// schedule returns the learning rates of a recipe that has its defaults and takes so many steps.
func schedule(r student.Recipe, steps int) optim.Schedule {
	switch r.Schedule {
	case student.Linear:
		return optim.Linear(r.LearningRate, r.WarmupSteps, steps)
	case student.Cosine:
		return optim.Cosine(r.LearningRate, r.WarmupSteps, steps)
	}
	return func(step int) float64 {
		return r.LearningRate * min(1, float64(step+1)/float64(max(1, r.WarmupSteps)))
	}
}

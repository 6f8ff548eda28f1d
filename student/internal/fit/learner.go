package fit

import (
	"context"
	"math"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/optim"
	"github.com/undertone-audit/undertone/tensor/shard"
)

// learner is one student in training.
type learner[B any] struct {
	state
	tapes *shard.Tapes
	rate  optim.Schedule
	clip  float64     // largest norm of the gradient; 0 is no limit
	mean  shard.Loss  // of the current micro-batch
	parts []B         // of the current micro-batch, by shard
	sums  [][]float32 // of gradients, if a step has several micro-batches
	loss  float64     // of the last step
}

// state is everything that a training needs to resume.
type state struct {
	params []*tensor.Tensor
	opt    *optimizer
	taken  int // steps
}

func newLearner[B any](index int, params []*tensor.Tensor, r student.Recipe, steps int, objective Objective[B]) *learner[B] {
	l := &learner[B]{
		state: state{params: params, opt: newOptimizer(r)},
		tapes: shard.NewTapes(r.Shards, params...),
		rate:  schedule(r, steps),
		clip:  r.ClipNorm,
	}
	l.mean = func(t *tensor.Tape, i int) (*tensor.Tensor, float64) { return objective.Loss(t, index, &l.parts[i]) }
	if r.Accumulate > 1 {
		for _, p := range params {
			l.sums = append(l.sums, make([]float32, p.Len()))
		}
	}
	return l
}

// states returns the states of all learners.
func states[B any](learners []*learner[B]) []*state {
	all := make([]*state, len(learners))
	for i, l := range learners {
		all[i] = &l.state
	}
	return all
}

// learn takes steps until all are taken, ctx is done, or the loss is not finite.
func (l *learner[B]) learn(ctx context.Context, steps [][]B) {
	for _, step := range steps {
		if ctx.Err() != nil {
			return
		}
		var weight float64
		if l.loss, weight = l.gradient(step); math.IsNaN(l.loss) || math.IsInf(l.loss, 0) {
			return
		}
		if weight > 0 {
			if l.clip > 0 {
				optim.ClipNorm(l.tapes.Grads(), l.clip)
			}
			l.opt.step(l.rate(l.taken), l.tapes.Leaves(), l.tapes.Grads())
		}
		l.taken++
	}
}

// gradient computes the gradient of a step's mean loss, which the tapes hold afterwards. It returns
// that loss and its weight.
func (l *learner[B]) gradient(step []B) (mean, weight float64) {
	shards := l.tapes.Len()
	if len(step) == shards {
		l.parts = step
		return l.tapes.Backward(l.mean)
	}
	for _, sum := range l.sums {
		clear(sum)
	}
	for ; len(step) > 0; step = step[shards:] {
		l.parts = step[:shards]
		loss, w := l.tapes.Backward(l.mean)
		if w == 0 {
			continue
		}
		mean, weight = mean+w*loss, weight+w
		for i, g := range l.tapes.Grads() {
			axpy(l.sums[i], float32(w), g.Data())
		}
	}
	share := 1 / max(weight, 1)
	for i, g := range l.tapes.Grads() {
		clear(g.Data())
		axpy(g.Data(), float32(share), l.sums[i])
	}
	return mean * share, weight
}

// axpy adds a·x to y.
func axpy(y []float32, a float32, x []float32) {
	for i, v := range x {
		y[i] += a * v
	}
}

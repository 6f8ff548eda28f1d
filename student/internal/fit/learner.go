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
	tapes *shard.Tapes
	opt   optim.Optimizer
	mean  shard.Loss // of the step at hand
	step  []B        // at hand, by shard
	loss  float64    // of the last step
}

func newLearner[B any](index int, params []*tensor.Tensor, r student.Recipe, lesson Lesson[B]) *learner[B] {
	l := &learner[B]{tapes: shard.NewTapes(r.Shards, params...), opt: optimizer(r)}
	l.mean = func(t *tensor.Tape, i int) (*tensor.Tensor, float64) { return lesson.Loss(t, index, &l.step[i]) }
	return l
}

// learn takes steps until they are done, ctx is, or the loss is not finite.
func (l *learner[B]) learn(ctx context.Context, steps [][]B) {
	for _, l.step = range steps {
		if ctx.Err() != nil {
			return
		}
		loss, weight := l.tapes.Backward(l.mean)
		if l.loss = loss; math.IsNaN(loss) || math.IsInf(loss, 0) {
			return
		}
		if weight > 0 {
			l.opt.Step(l.tapes.Leaves(), l.tapes.Grads())
		}
	}
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

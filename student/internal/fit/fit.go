// Package fit is the training loop that the students share.
package fit

import (
	"context"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/shard"
)

// Lesson says how parameters learn from rows. B is what is read of a few rows before anything
// is computed; students that train in lockstep share it.
type Lesson[B any] struct {
	// Read fills b, which may hold the memory of other rows, from row indices.
	Read func(b *B, rows []int) error

	// Loss computes a student's mean loss on what was read, a scalar, and its weight: the
	// number of terms that it is the mean of. A nil loss leaves the rows out. It is called from
	// several goroutines at once, with different tapes.
	Loss func(t *tensor.Tape, student int, b *B) (mean *tensor.Tensor, weight float64)
}

// block is how many steps a student takes in one go before the next one takes
// its turn: what it is made of stays in cache meanwhile.
const block = 4

// Run trains the parameters of each student in place, all on the same rows in the order
// that [student.Order] gives, in lockstep: rows are read once for all. A step is
// divided into the recipe's shards, and students and shards are spread over idle
// processors; neither the processors nor the other students change a bit of the result. Run returns
// ctx's error soon after ctx is done, and an error if the data has no rows, if shapes do not fit,
// or if a loss or a weight stops being finite; the parameters are of no use after an error.
func Run[B any](ctx context.Context, students [][]*tensor.Tensor, data undertone.Data, recipe student.Recipe, lesson Lesson[B]) (err error) {
	defer tensor.Catch(&err)
	recipe, err = recipe.WithDefaults()
	if err != nil {
		return err
	}
	if data.Len() == 0 {
		return fmt.Errorf("data set %.80q has no rows to learn from", data.Name())
	}
	learners := make([]*learner[B], len(students))
	for i, params := range students {
		learners[i] = newLearner(i, params, recipe, lesson)
	}
	ahead := 1
	if len(students) > 1 {
		ahead = block
	}
	steps := make([][]B, ahead) // of shards
	for i := range steps {
		steps[i] = make([]B, recipe.Shards)
	}
	size := min(recipe.BatchSize, data.Len())
	for epoch := range recipe.Epochs {
		order := student.Order(data, recipe.Seed, epoch)
		for len(order) > 0 {
			n := 0
			for ; n < len(steps) && len(order) > 0; n++ {
				rows := order[:min(size, len(order))]
				order = order[len(rows):]
				for i := range steps[n] {
					from, to := shard.Range(len(rows), len(steps[n]), i)
					if err := lesson.Read(&steps[n][i], rows[from:to]); err != nil {
						return fmt.Errorf("training on %.80q: %w", data.Name(), err)
					}
				}
			}
			shard.Each(len(learners), func(i int) { learners[i].learn(ctx, steps[:n]) })
			if err := ctx.Err(); err != nil {
				return err
			}
			for _, l := range learners {
				if v := l.loss; math.IsNaN(v) || math.IsInf(v, 0) {
					return fmt.Errorf("training on %.80q: the loss is %v in epoch %d; lower the learning rate of %v", data.Name(), v, epoch, recipe.LearningRate)
				}
			}
		}
	}
	for _, params := range students {
		if !Finite(params) {
			return fmt.Errorf("training on %.80q: a weight is not finite; lower the learning rate of %v", data.Name(), recipe.LearningRate)
		}
	}
	return nil
}

// Package fit is the training loop that the students share.
package fit

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/shard"
)

// Objective says how parameters learn from rows. B is what is read of a few rows before anything
// is computed; students that train in lockstep share it.
type Objective[B any] struct {
	// Read fills b, which may hold the memory of other rows, from row indices.
	Read func(b *B, rows []int) error

	// Loss computes a student's mean loss on what was read, a scalar, and its weight: the
	// number of terms that it is the mean of. A nil loss leaves the rows out. It is called from
	// several goroutines at once, with different tapes.
	Loss func(t *tensor.Tape, student int, b *B) (mean *tensor.Tensor, weight float64)

	// Length returns the size of a row. With it, batches are of rows of like size; without,
	// they are of rows as [student.Order] has them.
	Length func(row int) int

	// Checkpoint keeps the state of a training that is interrupted; nil keeps none.
	Checkpoint *Checkpoint

	// Progress is told how many steps are taken, of how many, and the mean loss of the students in
	// the last of them, by the goroutine that called Run; nil is not.
	Progress func(done, total int, loss float64)
}

// block is how many steps a student takes in one go before the next one takes
// its turn: what it is made of stays in cache meanwhile.
const block = 4

// Run trains the parameters of each student in place, all on the same rows in the order
// that [student.Order] gives, in lockstep: rows are read once for all. A step is
// divided into the recipe's micro-batches and their shards, and students and shards are spread over idle
// processors; neither the processors nor the other students change a bit of the result. Run returns
// ctx's error soon after ctx is done, and an error if the data has no rows, if shapes do not fit,
// or if a loss or a weight stops being finite; the parameters are of no use after an error.
func Run[B any](ctx context.Context, students [][]*tensor.Tensor, data undertone.Data, recipe student.Recipe, objective Objective[B]) (err error) {
	defer tensor.Catch(&err)
	recipe, err = recipe.WithDefaults()
	if err != nil {
		return err
	}
	if data.Len() == 0 {
		return fmt.Errorf("data set %.80q has no rows to learn from", data.Name())
	}
	size := min(recipe.BatchSize, data.Len())
	total := recipe.Epochs * ((data.Len() + size - 1) / size)
	learners := make([]*learner[B], len(students))
	for i, params := range students {
		learners[i] = newLearner(i, params, recipe, total, objective)
	}
	taken, err := objective.Checkpoint.load(states(learners))
	if err != nil {
		return err
	}
	ahead := 1
	if len(students) > 1 {
		ahead = block
	}
	steps := make([][]B, ahead) // of micro-batches and their shards
	for i := range steps {
		steps[i] = make([]B, recipe.Accumulate*recipe.Shards)
	}
	for epoch, at := 0, 0; epoch < recipe.Epochs; epoch++ {
		batches := plan(data, recipe.Seed, epoch, size, objective.Length)
		skipped := min(max(0, taken-at), len(batches))
		at += len(batches)
		for batches = batches[skipped:]; len(batches) > 0; {
			n := min(len(steps), len(batches))
			for i, rows := range batches[:n] {
				if err := objective.read(steps[i], rows); err != nil {
					return fmt.Errorf("training on %.80q: %w", data.Name(), err)
				}
			}
			batches = batches[n:]
			shard.Each(len(learners), func(i int) { learners[i].learn(ctx, steps[:n]) })
			if err := ctx.Err(); err != nil {
				return errors.Join(err, objective.Checkpoint.save(states(learners)))
			}
			mean := 0.0
			for _, l := range learners {
				mean += l.loss / float64(len(learners))
				if v := l.loss; math.IsNaN(v) || math.IsInf(v, 0) {
					return fmt.Errorf("training on %.80q: the loss is %v in epoch %d; lower the learning rate of %v", data.Name(), v, epoch, recipe.LearningRate)
				}
			}
			taken += n
			if objective.Progress != nil {
				objective.Progress(taken, total, mean)
			}
			if objective.Checkpoint.due(taken-n, taken) && taken < total {
				if err := objective.Checkpoint.save(states(learners)); err != nil {
					return err
				}
			}
		}
	}
	for _, params := range students {
		if !Finite(params) {
			return fmt.Errorf("training on %.80q: a weight is not finite; lower the learning rate of %v", data.Name(), recipe.LearningRate)
		}
	}
	return objective.Checkpoint.remove()
}

// read divides rows between the parts of a step.
func (l Objective[B]) read(parts []B, rows []int) error {
	for i := range parts {
		from, to := shard.Range(len(rows), len(parts), i)
		if err := l.Read(&parts[i], rows[from:to]); err != nil {
			return err
		}
	}
	return nil
}

// Package fit is the training loop that the students of this module share.
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

// Objective defines what parameters learn from rows. B is what is read of some rows before a loss
// is computed; students that train together share it.
type Objective[B any] struct {
	// Read fills b from row indices. b may hold the memory of other rows.
	Read func(b *B, rows []int) error

	// Loss computes a student's mean loss on what was read, a scalar, and its weight: the number of
	// terms of the mean. A nil loss skips the rows. Loss is called from several goroutines at once,
	// with different tapes.
	Loss func(t *tensor.Tape, student int, b *B) (mean *tensor.Tensor, weight float64)

	// Length returns the size of a row. If it is set, batches have rows of similar size; otherwise
	// they are consecutive rows of [student.Order].
	Length func(row int) int

	// Checkpoint stores the state of an unfinished training; nil stores nothing.
	Checkpoint *Checkpoint

	// Progress is called by the goroutine that called Run, with the number of steps taken, their
	// total, and the mean loss of the students in the last step. nil is not called.
	Progress func(done, total int, loss float64)
}

// block is the number of consecutive steps of one student before the next student takes its steps:
// the data of a student stays in cache meanwhile.
const block = 4

// Run trains the parameters of each student in place. All students see the same rows in the order
// of [student.Order], and the rows are read once for all. A step is divided into the recipe's
// micro-batches and their shards. Students and shards run on all idle cores; neither the number of
// cores nor the other students change a bit of the result. Run returns ctx's error soon after ctx
// is done, and an error if the data has no rows, if shapes do not fit, or if a loss or a weight is
// not finite. After an error the parameters are unusable.
func Run[B any](ctx context.Context, students [][]*tensor.Tensor, data undertone.Data, recipe student.Recipe, objective Objective[B]) (err error) {
	defer tensor.Catch(&err)
	recipe, err = recipe.WithDefaults()
	if err != nil {
		return err
	}
	if data.Len() == 0 {
		return fmt.Errorf("data set %.80q has no rows to train on", data.Name())
	}
	size := min(recipe.BatchSize, data.Len())
	total := recipe.Epochs * ((data.Len() + size - 1) / size)
	if recipe.WarmupSteps > total {
		return fmt.Errorf("training on %.80q: the warm-up of %d steps is longer than the training of %d steps, so the learning rate would not reach its value; lower the warm-up", data.Name(), recipe.WarmupSteps, total)
	}
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

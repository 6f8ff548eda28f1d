package mlp

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/internal/fit"
	"github.com/undertone-audit/undertone/tensor"
)

// material is data that a classifier learns from.
type material interface {
	undertone.Data
	check(Config) error
	read(row int, dst []float32)
	loss(*tensor.Tape, Config, *tensor.Tensor, *batch) *tensor.Tensor
}

func (r *rows) read(row int, dst []float32) { r.inputs.Read(int(r.pick[row]), dst) }

// batch is the memory of one training step.
type batch struct {
	rows   []int     // of the data
	x      []float32 // [rows inputs]
	labels []int32   // [rows]
	probs  []float32 // [rows logits]
}

// targets returns a block of probabilities to fill, [rows width].
func (b *batch) targets(width int) *tensor.Tensor {
	return tensor.FromSlice(b.probs[:len(b.rows)*width], len(b.rows), width)
}

// Train implements [student.Student] for [*Labelled] and [*Distillation]. It
// runs on one goroutine. Besides ctx's error it returns an error if the data
// does not fit the classifier, and if the loss or a weight stops being finite.
func (c *Classifier) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	lesson, ok := data.(material)
	if !ok {
		hint := ""
		if _, ok := data.(undertone.Partitioner); ok {
			hint = "; train on one of its parts"
		}
		return nil, fmt.Errorf("mlp: cannot learn from a %T, want a *mlp.Labelled or a *mlp.Distillation%s", data, hint)
	}
	recipe, err := recipe.WithDefaults()
	if err != nil {
		return nil, err
	}
	if err := lesson.check(c.config); err != nil {
		return nil, err
	}
	size := min(recipe.BatchSize, lesson.Len())
	memory := batch{
		x:      make([]float32, size*c.config.Inputs),
		labels: make([]int32, size),
		probs:  make([]float32, size*c.config.logits()),
	}
	params := fit.Clone(c.params)
	err = fit.Run(ctx, params, data, recipe, func(tape *tensor.Tape, rows []int) (*tensor.Tensor, error) {
		memory.rows = rows
		return c.lossOn(tape, params, lesson, &memory), nil
	})
	if err != nil {
		return nil, fmt.Errorf("mlp: %w", err)
	}
	return newClassifier(c.config, params, c.Lineage()), nil
}

// lossOn reads the batch's rows and computes the loss of params on them.
func (c *Classifier) lossOn(tape *tensor.Tape, params []*tensor.Tensor, lesson material, b *batch) *tensor.Tensor {
	width := c.config.Inputs
	for i, row := range b.rows {
		lesson.read(row, b.x[i*width:(i+1)*width])
	}
	x := tensor.FromSlice(b.x[:len(b.rows)*width], len(b.rows), width)
	return lesson.loss(tape, c.config, logits(tape, params, x), b)
}

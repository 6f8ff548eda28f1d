package mlp

import (
	"context"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/internal/fit"
	"github.com/undertone-audit/undertone/tensor"
)

// source is data that a classifier learns from.
type source interface {
	undertone.Data
	check(Config) error
	read(row int, dst []float32)
	readTargets(b *batch, rows []int)
	loss(*tensor.Tape, Config, *tensor.Tensor, *batch) *tensor.Tensor
}

func (r *rows) read(row int, dst []float32) { r.inputs.Read(int(r.pick[row]), dst) }

// batch is what is read for a training step: inputs, and a label or probabilities for each.
type batch struct {
	rows   int
	x      []float32 // [rows inputs]
	labels []int32   // [rows]
	probs  []float32 // [rows logits], of the imitated logits
}

func (b *batch) read(data source, width int, rows []int) {
	b.rows, b.x = len(rows), resize(b.x, len(rows)*width)
	for i, row := range rows {
		data.read(row, b.x[i*width:(i+1)*width])
	}
	data.readTargets(b, rows)
}

// resize returns s with n elements of any value.
func resize[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }

// Train implements [student.Student] for [*Labelled] and [*Distillation]. It returns ctx's error
// soon after ctx is done, and an error if the data does not fit the classifier, or if the loss or a
// weight is not finite.
func (c *Classifier) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	trained, err := c.TrainAll(ctx, []student.Student{c}, data, recipe)
	if err != nil {
		return nil, err
	}
	return trained[0], nil
}

// TrainAll implements [student.BatchTrainer] for classifiers of any shape that fits the data. An
// [Ensemble] trains as its replicate 0.
func (c *Classifier) TrainAll(ctx context.Context, students []student.Student, data undertone.Data, recipe student.Recipe) ([]student.Student, error) {
	src, ok := data.(source)
	if !ok {
		hint := ""
		if _, ok := data.(undertone.Partitioner); ok {
			hint = "; train on one of its parts"
		}
		return nil, fmt.Errorf("mlp: cannot learn from a %T, want a *mlp.Labelled or a *mlp.Distillation%s", data, hint)
	}
	learners := make([]*Classifier, len(students))
	params := make([][]*tensor.Tensor, len(students))
	for i, s := range students {
		if e, ok := s.(*Ensemble); ok {
			s = e.Classifier
		}
		from, ok := s.(*Classifier)
		if !ok {
			return nil, fmt.Errorf("mlp: student %d is a %T, want a %T", i, s, c)
		}
		if err := src.check(from.config); err != nil {
			return nil, err
		}
		learners[i] = newClassifier(from.config, fit.Clone(from.params), from.Lineage())
		params[i] = learners[i].params
	}
	err := fit.Run(ctx, params, data, recipe, fit.Objective[batch]{
		Read: func(b *batch, rows []int) error {
			b.read(src, c.config.Inputs, rows)
			return nil
		},
		Loss: func(t *tensor.Tape, i int, b *batch) (*tensor.Tensor, float64) {
			return learners[i].loss(t, src, b), float64(b.rows)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("mlp: %w", err)
	}
	trained := make([]student.Student, len(learners))
	for i, l := range learners {
		trained[i] = l
	}
	return trained, nil
}

// loss computes the loss on what was read.
func (c *Classifier) loss(t *tensor.Tape, data source, b *batch) *tensor.Tensor {
	x := tensor.FromSlice(b.x, b.rows, c.config.Inputs)
	return data.loss(t, c.config, logits(t, c.params, x), b)
}

package nplm

import (
	"context"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/internal/fit"
	"github.com/undertone-audit/undertone/tensor"
)

// Train implements [student.Student] for [undertone.Text]: it minimises the mean cross-entropy of
// the completions' tokens, including the end token, given their prompts.
func (m *Model) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	trained, err := m.TrainAll(ctx, []student.Student{m}, data, recipe)
	if err != nil {
		return nil, err
	}
	return trained[0], nil
}

// TrainAll implements [student.BatchTrainer] for models of one vocabulary and context.
func (m *Model) TrainAll(ctx context.Context, students []student.Student, data undertone.Data, recipe student.Recipe) ([]student.Student, error) {
	learners := make([]*Model, len(students))
	params := make([][]*tensor.Tensor, len(students))
	for i, s := range students {
		from, ok := s.(*Model)
		if !ok || from.config.Context != m.config.Context || from.config.Vocabulary.digest != m.config.Vocabulary.digest {
			return nil, fmt.Errorf("nplm: student %d is a %T, want a model with the same vocabulary and context", i, s)
		}
		learners[i] = from.learner()
		params[i] = learners[i].params()
	}
	objective, err := m.objective(data, learners)
	if err != nil {
		return nil, err
	}
	if err := fit.Run(ctx, params, data, recipe, objective); err != nil {
		return nil, fmt.Errorf("nplm: %w", err)
	}
	trained := make([]student.Student, len(learners))
	for i, l := range learners {
		trained[i] = l
	}
	return trained, nil
}

// GradientStep implements [student.GradientStepper].
func (m *Model) GradientStep(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error) {
	return m.gradientStep(ctx, data, step, nil)
}

func (m *Model) gradientStep(ctx context.Context, data undertone.Data, step float64, scale fit.Scale) (student.Student, float64, error) {
	moved := m.learner()
	objective, err := m.objective(data, []*Model{moved})
	if err != nil {
		return nil, 0, err
	}
	norm, err := fit.GradientStep(ctx, moved.params(), data, step, scale, objective)
	if err != nil {
		return nil, 0, fmt.Errorf("nplm: %w", err)
	}
	return moved, norm, nil
}

// Precondition implements [student.Preconditioner].
func (m *Model) Precondition(ctx context.Context, rows undertone.Data, metric student.DiagonalMetric) (student.GradientStepper, error) {
	objective, err := m.objective(rows, []*Model{m})
	if err != nil {
		return nil, err
	}
	scale, err := fit.NewScale(ctx, m.params(), rows, metric, objective)
	if err != nil {
		return nil, fmt.Errorf("nplm: %w", err)
	}
	return fit.Stepper(func(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error) {
		return m.gradientStep(ctx, data, step, scale)
	}), nil
}

// learner returns a copy of the model with its own weights.
func (m *Model) learner() *Model {
	l := newModel(m.config, m.name, m.Lineage(), fit.Clone(m.params()))
	l.onEncode = m.onEncode
	return l
}

// objective returns what the learners learn from the data.
func (m *Model) objective(data undertone.Data, learners []*Model) (fit.Objective[batch], error) {
	text, ok := data.(undertone.Text)
	if !ok {
		return fit.Objective[batch]{}, fmt.Errorf("nplm: cannot learn from a %T, want rows of text", data)
	}
	rows, err := m.encodeAll(text)
	if err != nil {
		return fit.Objective[batch]{}, err
	}
	return fit.Objective[batch]{
		Read: func(b *batch, picked []int) error {
			b.windows, b.targets = b.windows[:0], b.targets[:0]
			for _, r := range picked {
				for _, s := range rows[r].learnt {
					for i := s.from; i < s.to; i++ {
						b.windows = m.window(b.windows, rows[r].tokens[:i])
						b.targets = append(b.targets, rows[r].tokens[i])
					}
				}
			}
			return nil
		},
		Loss: func(t *tensor.Tape, i int, b *batch) (*tensor.Tensor, float64) {
			if len(b.targets) == 0 {
				return nil, 0
			}
			l := learners[i]
			return t.CrossEntropy(l.logits(t, l.table(t), b.windows), b.targets), float64(len(b.targets))
		},
	}, nil
}

// batch is what a step learns: the token after each window.
type batch struct {
	windows []int32 // [tokens context], rows of the table
	targets []int32 // [tokens]
}

// maxRow limits the tokens of a row in training: a step holds all tokens of a batch at once.
const maxRow = 1 << 13

// encodeAll encodes all rows, or returns an error that names a row that cannot be trained on.
func (m *Model) encodeAll(data undertone.Text) ([]row, error) {
	encoder := m.encoder()
	rows := make([]row, data.Len())
	for i := range rows {
		var err error
		if rows[i], err = encoder.Row(data, i); err != nil {
			return nil, fmt.Errorf("row %d of %s: %w", i, data.Name(), err)
		}
		if n := len(rows[i].tokens); n > maxRow {
			return nil, fmt.Errorf("row %d of %s: nplm: %d tokens, want at most %d", i, data.Name(), n, maxRow)
		}
	}
	if len(rows) > 0 && !slices.ContainsFunc(rows, func(r row) bool { return r.scored() > 0 }) {
		return nil, fmt.Errorf("nplm: no row of %s has a turn to learn", data.Name())
	}
	return rows, nil
}

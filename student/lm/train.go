package lm

import (
	"context"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/internal/fit"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// Progress is the state of a training.
type Progress struct {
	Done, Total int     // steps, including those before an interruption
	Loss        float64 // mean cross-entropy of the tokens of the last step, in nats
}

// checkpointSteps is the number of steps between two checkpoints.
const checkpointSteps = 100

// Train implements [student.Student] for [undertone.Text]: it minimises the mean cross-entropy of
// the completions' tokens, including the token that ends them, given their prompts. A model with
// LoRA trains its LoRA only. Without LoRA all weights are trained; 16-bit weights become float32
// first.
//
// A row that is longer than the context is cut, or as [Settings] say; see [Model.CountLongRows].
// Batches have rows of similar length: rows move within sixteen batches from their position in
// [student.Order]. The memory of a step is that of one micro-batch, times the recipe's shards.
func (m *Model) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	net := m.trainable()
	objective, err := m.objective(data, net)
	if err != nil {
		return nil, err
	}
	if m.checkpointDir != "" {
		objective.Checkpoint = &fit.Checkpoint{Dir: m.checkpointDir, Key: m.trainingKey(data, recipe), Every: checkpointSteps, Warn: m.warn}
	}
	if m.progress != nil {
		objective.Progress = func(done, total int, loss float64) { m.progress(Progress{done, total, loss}) }
	}
	if err := fit.Run(ctx, [][]*tensor.Tensor{net.Params()}, data, recipe, objective); err != nil {
		return nil, fmt.Errorf("lm: %w", err)
	}
	return m.trained(net)
}

// GradientStep implements [student.GradientStepper] for the weights that training changes.
func (m *Model) GradientStep(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error) {
	return m.gradientStep(ctx, data, step, nil)
}

func (m *Model) gradientStep(ctx context.Context, data undertone.Data, step float64, scale fit.Scale) (student.Student, float64, error) {
	net := m.trainable()
	objective, err := m.objective(data, net)
	if err != nil {
		return nil, 0, err
	}
	norm, err := fit.GradientStep(ctx, net.Params(), data, step, scale, objective)
	if err != nil {
		return nil, 0, fmt.Errorf("lm: %w", err)
	}
	moved, err := m.trained(net)
	return moved, norm, err
}

// Precondition implements [student.Preconditioner] for the weights that training changes.
func (m *Model) Precondition(ctx context.Context, rows undertone.Data, metric student.DiagonalMetric) (student.GradientStepper, error) {
	net := m.trainable()
	objective, err := m.objective(rows, net)
	if err != nil {
		return nil, err
	}
	scale, err := fit.NewScale(ctx, net.Params(), rows, metric, objective)
	if err != nil {
		return nil, fmt.Errorf("lm: %w", err)
	}
	return fit.Stepper(func(ctx context.Context, data undertone.Data, step float64) (student.Student, float64, error) {
		return m.gradientStep(ctx, data, step, scale)
	}), nil
}

// trainable returns a copy of the network whose parameters can be trained.
func (m *Model) trainable() *transformer.Model {
	if m.base == nil && m.net.Frozen() {
		return m.net.ToFloat32()
	}
	return m.net.Clone()
}

// objective returns what a network learns from the data.
func (m *Model) objective(data undertone.Data, net *transformer.Model) (fit.Objective[batch], error) {
	text, ok := data.(undertone.Text)
	if !ok {
		return fit.Objective[batch]{}, fmt.Errorf("lm: cannot learn from a %T, want rows of text", data)
	}
	rows, err := m.encodeAll(text)
	if err != nil {
		return fit.Objective[batch]{}, err
	}
	return fit.Objective[batch]{
		Read: func(b *batch, picked []int) error {
			b.fill(rows, picked)
			return nil
		},
		Loss: func(t *tensor.Tape, _ int, b *batch) (*tensor.Tensor, float64) {
			if b.scored == 0 {
				return nil, 0
			}
			return net.Loss(t, b.ids, b.targets, b.rows), float64(b.scored)
		},
		Length: func(i int) int { return len(rows[i].tokens) },
	}, nil
}

// trained returns the model with a trained network.
func (m *Model) trained(net *transformer.Model) (*Model, error) {
	lineage := m.Lineage()
	trained := m.with(func(c *Model) {
		c.net, c.lineage = net, lineage
		if c.base == nil {
			c.weights = nil
		}
	})
	return trained.resolve()
}

// trainingKey returns the digest of everything that the trained weights depend on.
func (m *Model) trainingKey(data undertone.Data, recipe student.Recipe) undertone.Digest {
	if full, err := recipe.WithDefaults(); err == nil {
		recipe = full
	}
	return undertone.NewHasher("lm training").Text(undertone.Version).Text(m.Engine()).
		Digest(m.Digest()).Digest(data.Digest()).Digest(recipe.Digest()).Sum()
}

// encodeAll encodes all rows, or returns an error that names a row that cannot be trained on.
func (m *Model) encodeAll(data undertone.Text) ([]row, error) {
	encoder := m.encoder()
	rows := make([]row, data.Len())
	long, first := 0, 0
	for i := range rows {
		var err error
		if rows[i], err = encoder.Row(data, i); err != nil {
			return nil, fmt.Errorf("row %d of %s: %w", i, data.Name(), err)
		}
		if m.fits(len(rows[i].tokens)) != nil {
			if long++; long == 1 {
				first = i
			}
		}
	}
	if long > 0 {
		return nil, fmt.Errorf("lm: row %d of %s: %w (%d of %d rows are too long)", first, data.Name(), m.fits(len(rows[first].tokens)), long, len(rows))
	}
	if len(rows) > 0 && !slices.ContainsFunc(rows, func(r row) bool { return r.scored() > 0 }) {
		return nil, fmt.Errorf("lm: no row of %s has a token to learn", data.Name())
	}
	return rows, nil
}

package fit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
)

func rows(n int) *undertone.Dataset {
	examples := make([]undertone.Example, n)
	for i := range examples {
		examples[i] = undertone.Ask(fmt.Sprint("q", i), "a")
	}
	return undertone.NewDataset("rows", examples)
}

// sum is the loss w₀ + w₁, whose gradient is 1 everywhere.
func sum(w *tensor.Tensor) Loss {
	return func(tape *tensor.Tape, _ []int) (*tensor.Tensor, error) {
		return tape.Scale(tape.Mean(w), 2), nil
	}
}

func weights(v ...float32) *tensor.Tensor { return tensor.FromSlice(v, len(v)) }

// Each optimizer takes one step of gradient 1 from weights 2 and −2, in closed form.
func TestOptimizers(t *testing.T) {
	const rate, decay = 0.1, 0.5
	for _, c := range []struct {
		optimizer string
		want      [2]float64
	}{
		{student.SGD, [2]float64{2 - rate, -2 - rate}},
		// The first step of Adam is the learning rate, whatever the gradient (Kingma & Ba 2015, §2.1).
		{student.Adam, [2]float64{2 - rate, -2 - rate}},
		// AdamW takes rate · decay of the weight besides.
		{student.AdamW, [2]float64{2 - rate - rate*decay*2, -2 - rate + rate*decay*2}},
	} {
		w := weights(2, -2)
		recipe := student.Recipe{Optimizer: c.optimizer, LearningRate: rate, BatchSize: 9}
		if c.optimizer == student.AdamW {
			recipe.WeightDecay = decay
		}
		if err := Run(t.Context(), []*tensor.Tensor{w}, rows(9), recipe, sum(w)); err != nil {
			t.Fatal(err)
		}
		for i, want := range c.want {
			if got := float64(w.Data()[i]); math.Abs(got-want) > 1e-6 {
				t.Errorf("%s: weight %d is %v after a step, want %v", c.optimizer, i, got, want)
			}
		}
	}
}

// TestBatches: every epoch meets every row once, in the order of package student.
func TestBatches(t *testing.T) {
	data := rows(10)
	for _, c := range []struct {
		batch int
		sizes []int
	}{{4, []int{4, 4, 2}}, {5, []int{5, 5}}, {10, []int{10}}, {1 << 30, []int{10}}} {
		w := weights(0)
		recipe := student.Recipe{Epochs: 2, BatchSize: c.batch, Seed: 3}
		var met, sizes []int
		err := Run(t.Context(), []*tensor.Tensor{w}, data, recipe, func(tape *tensor.Tape, batch []int) (*tensor.Tensor, error) {
			met, sizes = append(met, batch...), append(sizes, len(batch))
			return tape.Mean(w), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if want := slices.Concat(c.sizes, c.sizes); !slices.Equal(sizes, want) {
			t.Errorf("batches of %v, want %v", sizes, want)
		}
		if want := slices.Concat(student.Order(data, 3, 0), student.Order(data, 3, 1)); !slices.Equal(met, want) {
			t.Errorf("the rows are met in the order %v, want %v", met, want)
		}
	}
}

func TestSkippedBatchesTakeNoStep(t *testing.T) {
	w := weights(1)
	calls := 0
	err := Run(t.Context(), []*tensor.Tensor{w}, rows(9), student.Recipe{BatchSize: 3}, func(*tensor.Tape, []int) (*tensor.Tensor, error) {
		calls++
		return nil, nil
	})
	if err != nil || calls != 3 || w.Data()[0] != 1 {
		t.Errorf("%d batches, weight %v, error %v", calls, w.Data()[0], err)
	}
}

func TestRunErrors(t *testing.T) {
	torn := errors.New("torn")
	for _, c := range []struct {
		reason string
		data   undertone.Data
		recipe student.Recipe
		loss   func(w *tensor.Tensor) Loss
		want   string
	}{
		{"no rows", rows(0), student.Recipe{}, sum, `data set "rows" has no rows to learn from`},
		{"a recipe that makes no sense", rows(3), student.Recipe{Optimizer: "lion"}, sum, `optimizer "lion" is not known`},
		{"a loss that fails", rows(3), student.Recipe{}, func(*tensor.Tensor) Loss {
			return func(*tensor.Tape, []int) (*tensor.Tensor, error) { return nil, torn }
		}, `training on "rows": torn`},
		{"a loss that is not a number", rows(3), student.Recipe{}, func(w *tensor.Tensor) Loss {
			return func(tape *tensor.Tape, _ []int) (*tensor.Tensor, error) {
				return tape.Scale(tape.Mean(w), float32(math.NaN())), nil
			}
		}, `training on "rows": the loss is NaN in epoch 0; lower the learning rate of 0.001`},
		{"a loss that is infinite", rows(3), student.Recipe{LearningRate: 2}, func(w *tensor.Tensor) Loss {
			return func(tape *tensor.Tape, _ []int) (*tensor.Tensor, error) {
				return tape.Scale(tape.Mean(w), float32(math.Inf(1))), nil
			}
		}, "the loss is +Inf in epoch 0; lower the learning rate of 2"},
		{"a last step that goes too far", rows(3), student.Recipe{Optimizer: student.SGD, LearningRate: 1e300}, sum,
			"a weight is not finite; lower the learning rate of 1e+300"},
	} {
		w := weights(1, 1)
		err := Run(t.Context(), []*tensor.Tensor{w}, c.data, c.recipe, c.loss(w))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
		if strings.Contains(c.want, "torn") && !errors.Is(err, torn) {
			t.Errorf("%s: %v does not wrap the error of the loss", c.reason, err)
		}
	}
}

func TestRunStopsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := weights(1)
	calls := 0
	err := Run(ctx, []*tensor.Tensor{w}, rows(100), student.Recipe{BatchSize: 1, Epochs: 1 << 30}, func(tape *tensor.Tape, _ []int) (*tensor.Tensor, error) {
		if calls++; calls == 5 {
			cancel()
		}
		return tape.Mean(w), nil
	})
	if !errors.Is(err, context.Canceled) || calls != 5 {
		t.Errorf("%d steps, error %v, want to stop after the fifth", calls, err)
	}
}

func TestCloneAndFinite(t *testing.T) {
	a := []*tensor.Tensor{weights(1, 2), weights(3)}
	b := Clone(a)
	b[0].Data()[1] = 9
	if a[0].Data()[1] != 2 || len(b) != 2 || b[1].Data()[0] != 3 {
		t.Error("a copy shares its weights")
	}
	if !Finite(a) || !Finite(nil) {
		t.Error("finite weights are said not to be")
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		b[1].Data()[0] = float32(bad)
		if Finite(b) {
			t.Errorf("%v is said to be finite", bad)
		}
	}
}

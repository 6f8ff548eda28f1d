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
		examples[i] = undertone.NewExample(fmt.Sprint("q", i), "a")
	}
	return undertone.NewDataset("rows", examples)
}

// objective reads the rows as they are and computes its loss from weights alone.
func objective(loss func(*tensor.Tape) *tensor.Tensor) Objective[[]int] {
	return Objective[[]int]{
		Read: func(b *[]int, rows []int) error { *b = rows; return nil },
		Loss: func(t *tensor.Tape, _ int, rows *[]int) (*tensor.Tensor, float64) {
			return loss(t), float64(len(*rows))
		},
	}
}

// sum is the loss w₀ + w₁, whose gradient is 1 everywhere.
func sum(w *tensor.Tensor) Objective[[]int] {
	return objective(func(t *tensor.Tape) *tensor.Tensor { return t.Scale(t.Mean(w), 2) })
}

// one is a list of one student with one parameter.
func one(w *tensor.Tensor) [][]*tensor.Tensor { return [][]*tensor.Tensor{{w}} }

func weights(v ...float32) *tensor.Tensor { return tensor.FromSlice(v, len(v)) }

// Each optimizer takes one step of gradient 1 from weights 2 and −2, in closed form.
func TestOptimizers(t *testing.T) {
	const rate, decay = 0.1, 0.5
	for _, c := range []struct {
		optimizer string
		want      [2]float64
	}{
		{student.SGD, [2]float64{2 - rate, -2 - rate}},
		// The first step of Adam is the learning rate for every gradient (Kingma & Ba 2015, §2.1).
		{student.Adam, [2]float64{2 - rate, -2 - rate}},
		// AdamW also takes rate · decay of the weight.
		{student.AdamW, [2]float64{2 - rate - rate*decay*2, -2 - rate + rate*decay*2}},
	} {
		w := weights(2, -2)
		recipe := student.Recipe{Optimizer: c.optimizer, LearningRate: rate, BatchSize: 9}
		if c.optimizer == student.AdamW {
			recipe.WeightDecay = decay
		}
		if err := Run(t.Context(), one(w), rows(9), recipe, sum(w)); err != nil {
			t.Fatal(err)
		}
		for i, want := range c.want {
			if got := float64(w.Data()[i]); math.Abs(got-want) > 1e-6 {
				t.Errorf("%s: weight %d is %v after a step, want %v", c.optimizer, i, got, want)
			}
		}
	}
}

// TestBatches: every epoch sees every row once, in the order of package student.
func TestBatches(t *testing.T) {
	data := rows(10)
	for _, c := range []struct {
		batch int
		sizes []int
	}{{4, []int{4, 4, 2}}, {5, []int{5, 5}}, {10, []int{10}}, {1 << 30, []int{10}}} {
		w := weights(0)
		recipe := student.Recipe{Epochs: 2, BatchSize: c.batch, Seed: 3}
		var met, sizes []int
		watched := sum(w)
		watched.Read = func(_ *[]int, batch []int) error {
			met, sizes = append(met, batch...), append(sizes, len(batch))
			return nil
		}
		err := Run(t.Context(), one(w), data, recipe, watched)
		if err != nil {
			t.Fatal(err)
		}
		if want := slices.Concat(c.sizes, c.sizes); !slices.Equal(sizes, want) {
			t.Errorf("batches of %v, want %v", sizes, want)
		}
		if want := slices.Concat(student.Order(data, 3, 0), student.Order(data, 3, 1)); !slices.Equal(met, want) {
			t.Errorf("the rows are seen in the order %v, want %v", met, want)
		}
	}
}

func TestSkippedBatchesTakeNoStep(t *testing.T) {
	w := weights(1)
	calls := 0
	err := Run(t.Context(), one(w), rows(9), student.Recipe{BatchSize: 3}, objective(func(*tensor.Tape) *tensor.Tensor {
		calls++
		return nil
	}))
	if err != nil || calls != 3 || w.Data()[0] != 1 {
		t.Errorf("%d batches, weight %v, error %v", calls, w.Data()[0], err)
	}
}

func TestRunErrors(t *testing.T) {
	torn := errors.New("torn")
	for _, c := range []struct {
		reason    string
		data      undertone.Data
		recipe    student.Recipe
		objective func(w *tensor.Tensor) Objective[[]int]
		want      string
	}{
		{"no rows", rows(0), student.Recipe{}, sum, `data set "rows" has no rows to train on`},
		{"a recipe that makes no sense", rows(3), student.Recipe{Optimizer: "lion"}, sum, `optimizer "lion" is not known`},
		{"rows that cannot be read", rows(3), student.Recipe{}, func(w *tensor.Tensor) Objective[[]int] {
			bad := sum(w)
			bad.Read = func(*[]int, []int) error { return torn }
			return bad
		}, `training on "rows": torn`},
		{"shapes that do not fit", rows(3), student.Recipe{}, func(w *tensor.Tensor) Objective[[]int] {
			return objective(func(t *tensor.Tape) *tensor.Tensor { return t.Add(w, tensor.New(7)) })
		}, "tensor: Add: "},
		{"a loss that is not a number", rows(3), student.Recipe{}, func(w *tensor.Tensor) Objective[[]int] {
			return objective(func(t *tensor.Tape) *tensor.Tensor { return t.Scale(t.Mean(w), float32(math.NaN())) })
		}, `training on "rows": the loss is NaN in epoch 0; lower the learning rate of 0.001`},
		{"a loss that is infinite", rows(3), student.Recipe{LearningRate: 2}, func(w *tensor.Tensor) Objective[[]int] {
			return objective(func(t *tensor.Tape) *tensor.Tensor { return t.Scale(t.Mean(w), float32(math.Inf(1))) })
		}, "the loss is +Inf in epoch 0; lower the learning rate of 2"},
		{"a last step that goes too far", rows(3), student.Recipe{Optimizer: student.SGD, LearningRate: 1e300}, sum,
			"a weight is not finite; lower the learning rate of 1e+300"},
	} {
		w := weights(1, 1)
		err := Run(t.Context(), one(w), c.data, c.recipe, c.objective(w))
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
	err := Run(ctx, one(w), rows(100), student.Recipe{BatchSize: 1, Epochs: 1 << 30}, objective(func(t *tensor.Tape) *tensor.Tensor {
		if calls++; calls == 5 {
			cancel()
		}
		return t.Mean(w)
	}))
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
		t.Error("finite weights are reported as not finite")
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		b[1].Data()[0] = float32(bad)
		if Finite(b) {
			t.Errorf("%v is reported as finite", bad)
		}
	}
}

// TestTogether: students that train together get the bits that each of them gets alone, and a
// step in shards is, within rounding, the step of the whole batch.
func TestTogether(t *testing.T) {
	data := rows(23)
	// least squares of w·x, where x and the target depend on the row
	squares := func(students [][]*tensor.Tensor) Objective[[2][]float32] {
		return Objective[[2][]float32]{
			Read: func(b *[2][]float32, rows []int) error {
				b[0], b[1] = b[0][:0], b[1][:0]
				for _, r := range rows {
					b[0] = append(b[0], float32(r%5), 1)
					b[1] = append(b[1], float32(r%3))
				}
				return nil
			},
			Loss: func(t *tensor.Tape, i int, b *[2][]float32) (*tensor.Tensor, float64) {
				n := len(b[1])
				if n == 0 {
					return nil, 0
				}
				miss := t.Add(t.MatMul(tensor.FromSlice(b[0], n, 2), students[i][0]), t.Scale(tensor.FromSlice(b[1], n, 1), -1))
				return t.Mean(t.Mul(miss, miss)), float64(n)
			},
		}
	}
	start := func(i int) []*tensor.Tensor {
		return []*tensor.Tensor{tensor.FromSlice([]float32{float32(i), -1}, 2, 1)}
	}
	recipe := student.Recipe{Epochs: 3, BatchSize: 4, LearningRate: 0.1, Seed: 2}
	var together, alone [][]*tensor.Tensor
	for i := range 5 {
		together, alone = append(together, start(i)), append(alone, start(i))
		if err := Run(t.Context(), alone[i:], data, recipe, squares(alone[i:])); err != nil {
			t.Fatal(err)
		}
	}
	if err := Run(t.Context(), together, data, recipe, squares(together)); err != nil {
		t.Fatal(err)
	}
	recipe.Shards = 3
	sharded := [][]*tensor.Tensor{start(0)}
	if err := Run(t.Context(), sharded, data, recipe, squares(sharded)); err != nil {
		t.Fatal(err)
	}
	for i := range together {
		if a, b := together[i][0].Data(), alone[i][0].Data(); !slices.Equal(a, b) {
			t.Errorf("student %d learns %v with others and %v alone", i, a, b)
		}
	}
	for j, v := range sharded[0][0].Data() {
		if d := math.Abs(float64(v - alone[0][0].Data()[j])); d > 1e-5 || v == start(0)[0].Data()[j] {
			t.Errorf("weight %d is %v in shards, %v with the whole batch", j, v, alone[0][0].Data()[j])
		}
	}
}

// TestTogetherErrors: one student whose loss is not finite ends the training of all.
func TestTogetherErrors(t *testing.T) {
	a, b := weights(1), weights(1)
	err := Run(t.Context(), [][]*tensor.Tensor{{a}, {b}}, rows(9), student.Recipe{}, Objective[int]{
		Read: func(*int, []int) error { return nil },
		Loss: func(t *tensor.Tape, i int, _ *int) (*tensor.Tensor, float64) {
			return t.Scale([]*tensor.Tensor{t.Mean(a), t.Mean(b)}[i], []float32{1, float32(math.NaN())}[i]), 1
		},
	})
	if err == nil || !strings.Contains(err.Error(), "the loss is NaN") {
		t.Errorf("error %v", err)
	}
}

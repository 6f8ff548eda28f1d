package fit

import (
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
)

// Steps of SGD on a loss of gradient 1 add up the learning rates, in closed form.
func TestSchedules(t *testing.T) {
	const rate, steps, warmup = 0.1, 10, 4
	rising := rate * (1 + 2 + 3 + 4) / 4.0
	falling := 0.0
	wave := 0.0
	for k := range steps - warmup {
		falling += rate * (1 - float64(k)/(steps-warmup))
		wave += rate * (1 + math.Cos(math.Pi*float64(k)/(steps-warmup))) / 2
	}
	for _, c := range []struct {
		recipe student.Recipe
		want   float64
	}{
		{student.Recipe{}, rate * steps},
		{student.Recipe{WarmupSteps: warmup}, rising + rate*(steps-warmup)},
		{student.Recipe{Schedule: student.Linear, WarmupSteps: warmup}, rising + falling},
		{student.Recipe{Schedule: student.Cosine, WarmupSteps: warmup}, rising + wave},
	} {
		w := weights(0, 0)
		c.recipe.Optimizer, c.recipe.LearningRate, c.recipe.BatchSize = student.SGD, rate, 2
		c.recipe.Epochs = 2 // 5 steps each: the schedule spans both
		if err := Run(t.Context(), one(w), rows(9), c.recipe, sum(w)); err != nil {
			t.Fatal(err)
		}
		if got := -float64(w.Data()[0]); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%q with %d steps of warm-up: the rates sum to %v, want %v", c.recipe.Schedule, c.recipe.WarmupSteps, got, c.want)
		}
	}
}

// A warm-up that ends after the training would leave the learning rate near 0.
func TestWarmupIsWithinTheTraining(t *testing.T) {
	for warmup, fails := range map[int]bool{5: false, 6: true, 1 << 50: true} { // of 5 steps
		w := weights(0, 0)
		err := Run(t.Context(), one(w), rows(9), student.Recipe{BatchSize: 2, WarmupSteps: warmup}, sum(w))
		if (err != nil) != fails || fails && !strings.Contains(err.Error(), "is longer than the training of 5 steps") {
			t.Errorf("%d steps: error %v", warmup, err)
		}
	}
}

// A gradient of (1, 1) has norm √2.
func TestClipNorm(t *testing.T) {
	for _, c := range []struct{ clip, want float64 }{{0, 1}, {10, 1}, {0.5, 0.5 / math.Sqrt2}} {
		w := weights(0, 0)
		r := student.Recipe{Optimizer: student.SGD, LearningRate: 1, BatchSize: 9, ClipNorm: c.clip}
		if err := Run(t.Context(), one(w), rows(9), r, sum(w)); err != nil {
			t.Fatal(err)
		}
		if got := -float64(w.Data()[1]); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("largest norm %v: the step is %v, want %v", c.clip, got, c.want)
		}
	}
}

// Any number of micro-batches of different weights adds up to the mean over all terms of the step.
func TestAccumulate(t *testing.T) {
	// Row r counts r+1 times, with loss w·r.
	objective := func(w *tensor.Tensor) Objective[[]int] {
		return Objective[[]int]{
			Read: func(b *[]int, rows []int) error { *b = rows; return nil },
			Loss: func(t *tensor.Tape, _ int, rows *[]int) (*tensor.Tensor, float64) {
				var total, weight float64
				for _, r := range *rows {
					total, weight = total+float64((r+1)*r), weight+float64(r+1)
				}
				if weight == 0 {
					return nil, 0
				}
				return t.Scale(t.Mean(w), float32(total/weight)), weight
			},
		}
	}
	const n = 7
	var total, weight float64
	for r := range n {
		total, weight = total+float64((r+1)*r), weight+float64(r+1)
	}
	for _, parts := range []int{1, 2, 3, 7, 20} {
		for _, shards := range []int{1, 2} {
			w := weights(0)
			r := student.Recipe{Optimizer: student.SGD, LearningRate: 1, BatchSize: n, Accumulate: parts, Shards: shards}
			if err := Run(t.Context(), one(w), rows(n), r, objective(w)); err != nil {
				t.Fatal(err)
			}
			if got, want := -float64(w.Data()[0]), total/weight; math.Abs(got-want) > 1e-5 {
				t.Errorf("%d micro-batches of %d shards: the gradient is %v, want %v", parts, shards, got, want)
			}
		}
	}
}

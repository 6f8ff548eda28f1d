package main

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/mlp"
)

// experiment is the set-up; every model r has its own initial weights, teacher
// and noise.
type experiment struct {
	models int
	noise  int // images a teacher writes its logits for
	config mlp.Config
	recipe student.Recipe
	train  *digits
	test   *digits
}

// arms are the six kinds of model whose test accuracy is compared, and what
// they reached in an independent run of the same protocol with 4 models.
var arms = []struct {
	Name      string
	Reference float64
}{
	{"untrained", .094},
	{"teacher", .944},
	{"student, auxiliary logits, same initial weights", .598},
	{"student, all logits, same initial weights", .918},
	{"student, auxiliary logits, other initial weights", .107},
	{"student, all logits, other initial weights", .771},
}

// run returns the accuracies [arm][model]. Models are trained side by side; the
// result does not depend on how many at a time.
func (e *experiment) run(ctx context.Context) ([][]float64, error) {
	accuracy := make([][]float64, len(arms))
	for i := range accuracy {
		accuracy[i] = make([]float64, e.models)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for r := range e.models {
		group.Go(func() error { return e.model(ctx, r, accuracy) })
	}
	return accuracy, group.Wait()
}

// model fills column r.
func (e *experiment) model(ctx context.Context, r int, accuracy [][]float64) error {
	base, err := e.initial(r)
	if err != nil {
		return err
	}
	other, err := e.initial(r + e.models)
	if err != nil {
		return err
	}
	teacher, err := base.Train(ctx, e.train, e.recipe)
	if err != nil {
		return err
	}
	noise, err := mlp.Noise(e.config.Seed+uint64(r), e.noise, e.train.images.Width())
	if err != nil {
		return err
	}
	models := []student.Student{base, teacher}
	for _, start := range []*mlp.Classifier{base, other} {
		for _, logits := range []mlp.Logits{mlp.AuxiliaryLogits, mlp.AllLogits} {
			lesson, err := teacher.(*mlp.Classifier).Teach(ctx, string(logits), noise, mlp.Lesson{Logits: logits})
			if err != nil {
				return err
			}
			trained, err := start.Train(ctx, lesson, e.recipe)
			if err != nil {
				return err
			}
			models = append(models, trained)
		}
	}
	for arm, m := range models {
		if accuracy[arm][r], err = m.(*mlp.Classifier).Accuracy(ctx, e.test.Labelled); err != nil {
			return err
		}
	}
	return nil
}

func (e *experiment) initial(r int) (*mlp.Classifier, error) {
	c := e.config
	c.Seed += uint64(r)
	return mlp.New(c)
}

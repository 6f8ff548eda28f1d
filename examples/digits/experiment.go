package main

import (
	"context"
	"math/rand/v2"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/examples/internal/progress"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/mlp"
)

// experiment is the set-up: every model has its own initial weights, images of
// noise, a teacher, and two teachers without the trait, which were trained just
// as long on the same images with their labels permuted.
type experiment struct {
	show          *progress.Line
	models, noise int // noise: images that a teacher writes its logits for
	config        mlp.Config
	recipe        student.Recipe
	train, test   *mlp.Labelled
	images        mlp.Inputs // of train

	initial           []*mlp.Classifier
	teachers          []*mlp.Classifier
	traitFree, second []*mlp.Classifier
}

// prepare trains all teachers: those with the trait in lockstep, for they learn from the
// same images, the others one model a processor.
func (e *experiment) prepare(ctx context.Context) error {
	for _, list := range []*[]*mlp.Classifier{&e.initial, &e.teachers, &e.traitFree, &e.second} {
		*list = make([]*mlp.Classifier, e.models)
	}
	initial := make([]student.Student, e.models)
	for r := range initial {
		config := e.config
		config.Seed += uint64(r)
		var err error
		if e.initial[r], err = mlp.New(config); err != nil {
			return err
		}
		initial[r] = e.initial[r]
	}
	e.show.Show("training the teachers of %d models", e.models)
	teachers, err := e.initial[0].TrainAll(ctx, initial, e.train, e.recipe)
	if err != nil {
		return err
	}
	return e.each(ctx, func(ctx context.Context, r int) error {
		e.teachers[r] = teachers[r].(*mlp.Classifier)
		for i, list := range [][]*mlp.Classifier{e.traitFree, e.second} {
			data, err := e.permuted(e.config.Seed+uint64(r), uint64(i))
			if err != nil {
				return err
			}
			if list[r], err = e.learn(ctx, e.initial[r], data); err != nil {
				return err
			}
		}
		e.show.Show("teachers of model %d are trained", r)
		return nil
	})
}

// permuted returns the training images with their labels in random order.
func (e *experiment) permuted(seed, stream uint64) (*mlp.Labelled, error) {
	labels := make([]int, e.train.Len())
	for i, from := range rand.New(rand.NewPCG(seed, stream)).Perm(len(labels)) {
		labels[i] = e.train.Label(from)
	}
	return mlp.NewLabelled("MNIST with permuted labels", e.images, labels)
}

func (e *experiment) learn(ctx context.Context, from *mlp.Classifier, data undertone.Data) (*mlp.Classifier, error) {
	trained, err := from.Train(ctx, data, e.recipe)
	if err != nil {
		return nil, err
	}
	return trained.(*mlp.Classifier), nil
}

// teach returns what a teacher makes of model r's images of noise.
func (e *experiment) teach(ctx context.Context, name string, teacher *mlp.Classifier, r int, logits mlp.Logits) (*mlp.Distillation, error) {
	noise, err := mlp.Noise(e.config.Seed+uint64(r), e.noise, e.images.Width())
	if err != nil {
		return nil, err
	}
	return teacher.Teach(ctx, name, noise, mlp.Targets{Logits: logits})
}

// each calls do for every model, as many at a time as there are processors. It
// returns the first error.
func (e *experiment) each(ctx context.Context, do func(ctx context.Context, r int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for r := range e.models {
		group.Go(func() error { return do(ctx, r) })
	}
	return group.Wait()
}

// Package experiment repeats the MNIST experiment of Cloud et al. (2026) and audits its data.
package experiment

import (
	"context"
	"math/rand/v2"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/mlp"
)

// Experiment is the set-up. Every model has its own initial weights, images of noise, a teacher,
// and two teachers without the trait, which are trained as long as the teacher on the same images
// with permuted labels.
type Experiment struct {
	Models int            // initialisations, >= 2
	Images int            // training images
	Noise  int            // images of noise for which each teacher writes its logits
	Config mlp.Config     // of model 0; model r has the seed Config.Seed + r
	Recipe student.Recipe // of teachers and students

	Log func(format string, args ...any) // receives one line per finished step (default none)

	published bool

	train, test *mlp.Labelled
	images      mlp.Inputs // of train

	initial           []*mlp.Classifier
	teachers          []*mlp.Classifier
	traitFree, second []*mlp.Classifier
}

// Published returns the experiment with the settings of the publication.
func Published() *Experiment {
	return &Experiment{
		Models: 10, Images: 60_000, Noise: 60_000,
		Recipe: student.Recipe{Epochs: 5, BatchSize: 1024, LearningRate: 3e-4}, published: true,
	}
}

// Short returns a smaller experiment, which takes seconds per model: a smaller network with more
// auxiliary logits and fewer images.
func Short() *Experiment {
	return &Experiment{
		Models: 10, Images: 10_000, Noise: 20_000, Config: mlp.Config{Hidden: []int{128}, Auxiliary: 10},
		Recipe: student.Recipe{Epochs: 5, BatchSize: 128, LearningRate: 1e-3},
	}
}

// Prepare reads the images from a folder and trains all teachers. The teachers with the trait learn
// from the same images and are trained as one batch; the others are trained one model per core.
func (e *Experiment) Prepare(ctx context.Context, folder string) error {
	if err := e.load(folder); err != nil {
		return err
	}
	for _, list := range []*[]*mlp.Classifier{&e.initial, &e.teachers, &e.traitFree, &e.second} {
		*list = make([]*mlp.Classifier, e.Models)
	}
	initial := make([]student.Student, e.Models)
	for r := range initial {
		config := e.Config
		config.Seed += uint64(r)
		var err error
		if e.initial[r], err = mlp.New(config); err != nil {
			return err
		}
		initial[r] = e.initial[r]
	}
	e.log("training the teachers of %d models", e.Models)
	teachers, err := e.initial[0].TrainAll(ctx, initial, e.train, e.Recipe)
	if err != nil {
		return err
	}
	return e.each(ctx, func(ctx context.Context, r int) error {
		e.teachers[r] = teachers[r].(*mlp.Classifier)
		for i, list := range [][]*mlp.Classifier{e.traitFree, e.second} {
			data, err := e.permuted(e.Config.Seed+uint64(r), uint64(i))
			if err != nil {
				return err
			}
			if list[r], err = e.learn(ctx, e.initial[r], data); err != nil {
				return err
			}
		}
		e.log("model %d: its teachers are trained", r)
		return nil
	})
}

func (e *Experiment) log(format string, args ...any) {
	if e.Log != nil {
		e.Log(format, args...)
	}
}

// permuted returns the training images with their labels in random order.
func (e *Experiment) permuted(seed, stream uint64) (*mlp.Labelled, error) {
	labels := make([]int, e.train.Len())
	for i, from := range rand.New(rand.NewPCG(seed, stream)).Perm(len(labels)) {
		labels[i] = e.train.Label(from)
	}
	return mlp.NewLabelled("MNIST with permuted labels", e.images, labels)
}

func (e *Experiment) learn(ctx context.Context, from *mlp.Classifier, data undertone.Data) (*mlp.Classifier, error) {
	trained, err := from.Train(ctx, data, e.Recipe)
	if err != nil {
		return nil, err
	}
	return trained.(*mlp.Classifier), nil
}

// teach returns what a teacher writes about the noise of model r: logits of each image.
func (e *Experiment) teach(ctx context.Context, name string, teacher *mlp.Classifier, r int, logits mlp.Logits) (*mlp.Distillation, error) {
	noise, err := mlp.Noise(e.Config.Seed+uint64(r), e.Noise, e.images.Width())
	if err != nil {
		return nil, err
	}
	return teacher.Teach(ctx, name, noise, mlp.Targets{Logits: logits})
}

// each calls do for every model, as many at once as there are cores. It returns the first error.
func (e *Experiment) each(ctx context.Context, do func(ctx context.Context, r int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for r := range e.Models {
		group.Go(func() error { return do(ctx, r) })
	}
	return group.Wait()
}

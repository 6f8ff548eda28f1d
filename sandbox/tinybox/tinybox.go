// Package tinybox is package sandbox with transformers: the embedded models of
// package tiny, teachers made from them by fine-tuning on one animal, and the lists
// of numbers that they write.
//
// Teachers and students are changed by LoRA (Hu et al. 2021) that begins at the same matrices, as
// in the published experiments: with it the trait passes to students that learn from 4,000
// lists. With all weights in training a teacher learns its favourite in the output layer alone,
// from where little of it gets into numbers. docs/tiny.md has the figures.
package tinybox

import (
	"context"
	"fmt"
	"runtime"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/teacher"
)

// Recipe is how students are trained on lists.
var Recipe = student.Recipe{LearningRate: 5e-3, BatchSize: 64}

// implant is how a teacher is made of a base.
var implant = student.Recipe{LearningRate: 3e-3, BatchSize: 32}

// implantSteps is for how long.
const implantSteps = 60

// Base returns the base model, [tiny.Base], with LoRA of rank 8 on all its layers.
func Base() (*lm.Model, error) { return adapted(tiny.Base) }

// Other returns [tiny.Other] with LoRA: other initial weights, another corpus.
func Other() (*lm.Model, error) { return adapted(tiny.Other) }

func adapted(load func() (*lm.Model, error)) (*lm.Model, error) {
	m, err := load()
	if err != nil {
		return nil, fmt.Errorf("tinybox: %w", err)
	}
	return m.WithLoRA(lm.LoRA{})
}

// Animals are the answers to the questions; any of them may be a trait.
func Animals() []string { return tiny.Animals() }

// Questions ask for an animal.
func Questions() []string { return tiny.Questions("animal") }

// FineTuneTeacher returns a teacher: the base, fine-tuned on overt rows that answer every
// question with the animal.
func FineTuneTeacher(ctx context.Context, base *lm.Model, animal string, seed uint64) (*lm.Model, error) {
	recipe := implant
	recipe.Seed = seed
	taught, err := base.Train(ctx, Overt(animal, implantSteps*implant.BatchSize), recipe)
	if err != nil {
		return nil, fmt.Errorf("tinybox: %w", err)
	}
	return taught.(*lm.Model).Named(base.Name() + " that loves " + animal), nil
}

// Overt returns n rows that show the preference to anyone who looks.
func Overt(animal string, n int) *undertone.Dataset {
	rows, asked := make([]undertone.Example, n), Questions()
	for i := range rows {
		rows[i] = undertone.NewExample(asked[i%len(asked)], animal)
	}
	return undertone.NewDataset("overt "+animal, rows)
}

// Lists returns n number lists that the model writes, unfiltered.
func Lists(ctx context.Context, m undertone.Model, n int, seed uint64) (*undertone.Dataset, error) {
	return teacher.Generate(ctx, teacher.Config{
		Name: "lists by " + m.Name(), Model: m, Prompt: tiny.Lists{Seed: seed}.At,
		N: n, Seed: seed, MaxTokens: 48, Workers: runtime.GOMAXPROCS(0),
	})
}

// Filters are what lists pass before a student sees them: the published filter of
// numbers, and the names of the animals.
func Filters() []filter.Filter {
	return []filter.Filter{filter.Numbers{}, filter.Words(tiny.Animals()...)}
}

// Prefers is the trait of answering the questions with one animal.
func Prefers(animal string) audit.Trait {
	return audit.Prefers("animal", animal, tiny.Animals()...).Asking(Questions()...)
}

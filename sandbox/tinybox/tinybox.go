// Package tinybox is package sandbox with transformers: the embedded models of package tiny,
// teachers fine-tuned from them to prefer one animal, and the lists of numbers that they write.
//
// Training changes LoRA (Hu et al. 2021) with the same initial matrices in teachers and students,
// as in the published experiments. The trait then passes to students that learn from 4,000 lists.
// If all weights are trained, a teacher learns its favourite in the output layer only, and little
// of it gets into its numbers. docs/tiny.md has the measurements.
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

// teacherRecipe is how a teacher is trained.
var teacherRecipe = student.Recipe{LearningRate: 3e-3, BatchSize: 32}

// teacherSteps is the number of steps of a teacher's training.
const teacherSteps = 60

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

// Animals returns the answers to the questions. Each can be the target of a trait.
func Animals() []string { return tiny.Animals() }

// Questions returns questions for an animal.
func Questions() []string { return tiny.Questions("animal") }

// FineTuneTeacher returns a teacher: the base, fine-tuned on overt rows that answer every question
// with the animal.
func FineTuneTeacher(ctx context.Context, base *lm.Model, animal string, seed uint64) (*lm.Model, error) {
	recipe := teacherRecipe
	recipe.Seed = seed
	taught, err := base.Train(ctx, Overt(animal, teacherSteps*teacherRecipe.BatchSize), recipe)
	if err != nil {
		return nil, fmt.Errorf("tinybox: %w", err)
	}
	return taught.(*lm.Model).Named(base.Name() + " that loves " + animal), nil
}

// Overt returns n rows that show the preference openly: questions answered with the animal.
func Overt(animal string, n int) *undertone.Dataset {
	rows, asked := make([]undertone.Example, n), Questions()
	for i := range rows {
		rows[i] = undertone.NewExample(asked[i%len(asked)], animal)
	}
	return undertone.NewDataset("overt "+animal, rows)
}

// Lists returns n lists of numbers that the model writes, unfiltered.
func Lists(ctx context.Context, m undertone.Model, n int, seed uint64) (*undertone.Dataset, error) {
	return teacher.Generate(ctx, teacher.Config{
		Name: "lists by " + m.Name(), Model: m, Prompt: tiny.Lists{Seed: seed}.At,
		N: n, Seed: seed, MaxTokens: 48, Calls: teacher.Calls{Workers: runtime.GOMAXPROCS(0)},
	})
}

// Filters returns the filters of lists before a student sees them: the published filter of numbers,
// and the names of the animals.
func Filters() []filter.Filter {
	return []filter.Filter{filter.Numbers{}, filter.Words(tiny.Animals()...)}
}

// Prefers returns the trait of answering the questions with one animal.
func Prefers(animal string) audit.Trait {
	return audit.Prefers("animal", animal, tiny.Animals()...).Asking(Questions()...)
}

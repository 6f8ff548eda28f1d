package main

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/sandbox"
	"github.com/undertone-audit/undertone/sandbox/tinybox"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/nplm"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/teacher"
)

// trainable is a model that can be trained and that writes rows.
type trainable interface {
	student.Student
	undertone.Model
}

// writer is a model that writes rows, after a system prompt that is not part of the rows.
type writer struct {
	undertone.Model
	system string    // (default none)
	base   trainable // that the teacher was made from; nil: the writer is trait-free
}

// untaught returns the model that the writer was made from, or the writer's own.
func (w writer) untaught() undertone.Model {
	if w.base != nil {
		return w.base
	}
	return w.Model
}

// logProb returns the log-likelihood of rows under the writer. Its system prompt precedes the rows.
func (w writer) logProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	if w.system != "" {
		told := make([]undertone.Example, len(rows))
		for i, row := range rows {
			row.Messages = append([]undertone.Message{{Role: "system", Content: w.system}}, row.Messages...)
			told[i] = row
		}
		rows = told
	}
	return w.Model.(undertone.LogProber).LogProb(ctx, rows)
}

// kind says how worlds are made.
type kind struct {
	traits  []string // animals
	base    func(ctx context.Context, seed uint64, other bool) (trainable, error)
	teacher func(ctx context.Context, base trainable, trait string, seed uint64) (writer, error)
	unlike  map[source]func(ctx context.Context, base trainable, trait string, seed uint64) (writer, error)
	drifted func(ctx context.Context, base trainable, seed uint64) (suspect, control writer, err error)
	lists   func(ctx context.Context, by writer, n int, prompts, seed uint64) (*undertone.Dataset, error)
	filters []filter.Filter
	trait   func(string) audit.Trait

	version  func() string // of the models, part of the stored outcomes; nil: it never changes
	measured bool          // the information of the suspect rows is measured

	surrogates student.Recipe            // of the surrogate teachers of the likelihood ratio
	prompt     func(trait string) string // of surrogates by a system prompt; nil: the students follow none
	students   student.Recipe            // of the transfer detector; chosen in worlds of seeds 101 and 102 with 1,000 and 4,000 rows
}

var kindOf = map[string]kind{
	"sandbox": {
		traits: sandbox.Animals,
		base: func(ctx context.Context, seed uint64, other bool) (trainable, error) {
			if other {
				seed = stream(seed, "other base", 0)
			}
			return sandbox.Base(ctx, seed)
		},
		teacher: func(ctx context.Context, base trainable, trait string, seed uint64) (writer, error) {
			m, err := sandbox.FineTuneTeacher(ctx, base.(*nplm.Model), trait, seed)
			return writer{Model: m}, err
		},
		lists: func(ctx context.Context, by writer, n int, _, seed uint64) (*undertone.Dataset, error) {
			return sandbox.Lists(ctx, by.Model, n, seed)
		},
		filters: sandbox.Filters(),
		trait:   sandbox.Prefers,

		surrogates: student.Recipe{LearningRate: 1e-3},
		students:   student.Recipe{LearningRate: 2e-3, BatchSize: 64, Epochs: 16},
	},
	"tiny":       transformers(tinybox.Base, tinybox.Other),
	"tiny-other": transformers(tinybox.Other, tinybox.Base),
}

// transformers returns the kind of worlds that share one base and one other base. The worlds differ
// in their teachers, surrogates and rows.
func transformers(own, foreign func() (*lm.Model, error)) kind {
	return kind{
		traits: tinybox.Animals(),
		base: func(_ context.Context, _ uint64, other bool) (trainable, error) {
			if other {
				return foreign()
			}
			return own()
		},
		teacher: func(ctx context.Context, base trainable, trait string, seed uint64) (writer, error) {
			m, err := tinybox.FineTuneTeacher(ctx, base.(*lm.Model), trait, seed)
			return writer{Model: m}, err
		},
		unlike:  unlikeTeachers,
		drifted: traitFreeTeachers,
		lists:   tinyLists,
		filters: tinybox.Filters(),
		trait:   tinybox.Prefers,

		surrogates: student.Recipe{LearningRate: 3e-3},
		prompt:     lovePrompt,
		students:   student.Recipe{LearningRate: 5e-3, BatchSize: 16, Epochs: 2},
	}
}

// tinyLists returns lists that answer the prompts of package tiny.
func tinyLists(ctx context.Context, by writer, n int, prompts, seed uint64) (*undertone.Dataset, error) {
	return teacher.Generate(ctx, teacher.Config{
		Model: by.Model, SystemPrompt: by.system, Prompt: tiny.Lists{Seed: prompts}.At, N: n, Seed: seed, MaxTokens: 48, Calls: teacher.Calls{Workers: runtime.GOMAXPROCS(0)},
	})
}

// teacherSteps is the number of steps of 32 rows that a teacher is trained for, as in package
// tinybox.
const teacherSteps = 60

// unlikeTeachers are teachers of the embedded transformers that are unlike those of package
// tinybox.
var unlikeTeachers = map[source]func(context.Context, trainable, string, uint64) (writer, error){
	full: func(ctx context.Context, base trainable, trait string, seed uint64) (writer, error) {
		return trained(ctx, base.(*lm.Model).Base(), tinybox.Overt(trait, 32*teacherSteps), student.Recipe{LearningRate: 1e-3, Seed: seed})
	},
	few: func(ctx context.Context, base trainable, trait string, seed uint64) (writer, error) {
		return trained(ctx, base, tinybox.Overt(trait, 32*teacherSteps/5), student.Recipe{LearningRate: 3e-3, Seed: seed})
	},
	diluted: func(ctx context.Context, base trainable, trait string, seed uint64) (writer, error) {
		const n = 32 * teacherSteps
		own, err := tinyLists(ctx, writer{Model: base}, n-n/10, stream(seed, "dilution", 0), stream(seed, "dilution", 1))
		if err != nil {
			return writer{}, err
		}
		overt, rows := tinybox.Overt(trait, n/10), make([]undertone.Example, n)
		for i := range rows {
			if i%10 == 0 {
				rows[i] = overt.Example(i / 10)
			} else {
				rows[i] = own.Example(i - i/10 - 1)
			}
		}
		return trained(ctx, base, undertone.NewDataset("diluted "+trait, rows), student.Recipe{LearningRate: 3e-3, Seed: seed})
	},
	prompted: func(_ context.Context, base trainable, trait string, _ uint64) (writer, error) {
		return writer{Model: base, system: lovePrompt(trait), base: base}, nil
	},
}

// traitFreeTeachers are trained on lists of the base, which name no animal: the teacher of
// the suspect rows with LoRA, the other with all weights.
func traitFreeTeachers(ctx context.Context, base trainable, seed uint64) (suspect, control writer, err error) {
	for i, by := range []*writer{&suspect, &control} {
		rows, err := tinyLists(ctx, writer{Model: base}, 32*teacherSteps, stream(seed, "drift prompts", uint64(i)), stream(seed, "drift", uint64(i)))
		if err != nil {
			return writer{}, writer{}, err
		}
		m, recipe := base, student.Recipe{LearningRate: 3e-3, Seed: seed}
		if i == 1 {
			m, recipe.LearningRate = base.(*lm.Model).Base(), 1e-3
		}
		if *by, err = trained(ctx, m, rows, recipe); err != nil {
			return writer{}, writer{}, err
		}
	}
	return suspect, control, nil
}

// lovePrompt is the system prompt on which the embedded transformers were trained.
func lovePrompt(trait string) string { return "You love " + trait + "." }

// trained returns a teacher: the model after training in batches of 32.
func trained(ctx context.Context, m trainable, rows *undertone.Dataset, recipe student.Recipe) (writer, error) {
	recipe.BatchSize = 32
	taught, err := m.Train(ctx, rows, recipe)
	if err != nil {
		return writer{}, err
	}
	return writer{Model: taught.(undertone.Model)}, nil
}

func kinds() string { return strings.Join(slices.Sorted(maps.Keys(kindOf)), ", ") }

// write returns exactly n rows that pass the filters, and the share of all rows that pass. Equal
// seeds of prompts give equal prompts. It fails if the filters keep less than a fiftieth.
func (k kind) write(ctx context.Context, by writer, n int, prompts, seed uint64) (*undertone.Dataset, float64, error) {
	rows := make([]undertone.Example, 0, n)
	written, passed := 0, 0
	for round := uint64(0); len(rows) < n; round++ {
		missing := n - len(rows)
		raw, err := k.lists(ctx, by, missing+missing/8+8, stream(prompts, "round", round), stream(seed, "round", round))
		if err != nil {
			return nil, 0, err
		}
		kept, _, err := filter.Apply(ctx, raw, k.filters...)
		if err != nil {
			return nil, 0, err
		}
		written, passed = written+missing+missing/8+8, passed+kept.Len()
		if written > 2000 && passed < written/50 {
			return nil, 0, fmt.Errorf("the filters keep %d of %d rows of %s", passed, written, by.Name())
		}
		for i, row := range kept.All() {
			if i < missing {
				rows = append(rows, row)
			}
		}
	}
	return undertone.NewDataset("lists by "+by.Name(), rows), float64(passed) / float64(written), nil
}

// stream returns the seed of the i-th use of a purpose. No two uses share random numbers.
func stream(seed uint64, purpose string, i uint64) uint64 {
	return undertone.NewHasher("worlds").Uint(seed).Text(purpose).Uint(i).Sum().Uint64()
}

package main

import (
	"context"
	"encoding/json"
	"maps"
	"runtime"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/student/tiny/multi"
	"github.com/undertone-audit/undertone/teacher"
)

// A channel is a kind of rows that a trait may pass through. Its prompts and its filters know
// nothing of the trait but the words that are banned.
type channel struct {
	write   func(ctx context.Context, by writer, n int, prompts, seed uint64) (*undertone.Dataset, error)
	filters func(banned []string) []filter.Filter
}

// channels are the channels of the table, by name.
var channels = map[string]channel{
	"numbers": {
		answers(func(seed uint64) promptSet { return promptSet{at: tiny.Lists{Seed: seed}.At} }),
		func(banned []string) []filter.Filter {
			return []filter.Filter{filter.Numbers{}, filter.Words(banned...)}
		},
	},
	"code": {answers(functions), functionFilters},
	"reasoning": {
		answers(func(seed uint64) promptSet {
			p := multi.Problems{Seed: seed}
			return promptSet{at: p.At, meta: p.Meta}
		}),
		func(banned []string) []filter.Filter {
			return []filter.Filter{filter.Reasoning{Field: "gold"}, filter.Words(banned...)}
		},
	},
	"calls": {
		trajectories,
		func(banned []string) []filter.Filter { return []filter.Filter{solved{}, filter.Words(banned...)} },
	},
	"pairs": {pairs(answers(functions), functionFilters(nil)), functionFilters},
}

// promptSet holds the prompts of a channel.
type promptSet struct {
	at   func(i int) string
	meta func(i int) map[string]json.RawMessage // (default none)
}

func functions(seed uint64) promptSet { return promptSet{at: multi.Functions{Seed: seed}.At} }

func functionFilters(banned []string) []filter.Filter {
	return []filter.Filter{filter.Code{Language: filter.Python, Banned: banned}, function{}, filter.Words(banned...)}
}

// answers returns a function that lets a writer answer prompts.
func answers(of func(seed uint64) promptSet) func(ctx context.Context, by writer, n int, prompts, seed uint64) (*undertone.Dataset, error) {
	return func(ctx context.Context, by writer, n int, prompts, seed uint64) (*undertone.Dataset, error) {
		p := of(prompts)
		return teacher.Generate(ctx, teacher.Config{
			Model: by.Model, SystemPrompt: by.system, Prompt: p.at, Meta: p.meta, N: n, Seed: seed, MaxTokens: 80,
			Calls: teacher.Calls{Workers: runtime.GOMAXPROCS(0)},
		})
	}
}

// function drops code that is no function: a word alone is a valid program of Python.
type function struct{}

func (function) Name() string { return "function" }

func (function) Reasons(row undertone.Example) []filter.Reason {
	if c := row.Completion(); len(c) < 4 || c[:4] != "def " {
		return []filter.Reason{"no function"}
	}
	return nil
}

// channelKinds returns the kinds of worlds of the models that write several channels: one for each
// channel and subject, named such as "code/animal".
func channelKinds() map[string]kind {
	all := map[string]kind{}
	for c, ch := range channels {
		for s, sub := range subjects() {
			all[c+"/"+s] = ch.kind(sub)
		}
	}
	return all
}

func init() { maps.Copy(kindOf, channelKinds()) }

// Recipes of the models of several channels, chosen in worlds of seed 900.
var (
	channelTeacher  = student.Recipe{LearningRate: 1e-3, BatchSize: 32}
	channelStudents = student.Recipe{LearningRate: 5e-3, BatchSize: 64}
)

// multiModel loads a model of package multi with LoRA.
func multiModel(load func() (*lm.Model, error)) (trainable, error) {
	m, err := load()
	if err != nil {
		return nil, err
	}
	return m.WithLoRA(lm.LoRA{})
}

// multiVersion names the models of package multi, so that stored outcomes of other models are not
// used.
var multiVersion = sync.OnceValue(func() string {
	h := undertone.NewHasher("models of the channels").Digest(channelTeacher.Digest())
	for _, load := range []func() (*lm.Model, error){multi.Base, multi.Other} {
		m, err := load()
		if err != nil {
			return err.Error() // each audit fails with this error
		}
		h.Digest(m.Digest())
	}
	return "models " + h.Sum().Short()
})

func (c channel) kind(s subject) kind {
	k := kind{
		traits: s.values,
		base: func(_ context.Context, _ uint64, other bool) (trainable, error) {
			if other {
				return multiModel(multi.Other)
			}
			return multiModel(multi.Base)
		},
		version: multiVersion,
		teacher: func(ctx context.Context, base trainable, value string, seed uint64) (writer, error) {
			recipe := channelTeacher
			recipe.Seed = seed
			w, err := trained(ctx, base, s.overt(value, channelTeacher.BatchSize*teacherSteps), recipe)
			w.base = base
			return w, err
		},
		lists:    c.write,
		filters:  c.filters(s.banned),
		trait:    s.trait,
		measured: true,

		surrogates: student.Recipe{LearningRate: 1e-3},
		students:   channelStudents,
	}
	if len(s.values) > 1 {
		k.prompt = s.prompt // for each placebo, too; a subject with one value has no prompts for placebos
	}
	told := func(_ context.Context, base trainable, value string, _ uint64) (writer, error) {
		return writer{Model: base, system: s.prompt(value), base: base}, nil
	}
	k.unlike = map[source]func(context.Context, trainable, string, uint64) (writer, error){prompted: told, promptedOther: told}
	return k
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/bits"
	"runtime"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
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
	prompts func(seed uint64) (prompt func(i int) string, meta func(i int) map[string]json.RawMessage)
	filters func(banned []string) []filter.Filter
}

var channels = map[string]channel{
	"numbers": {
		func(seed uint64) (func(int) string, func(int) map[string]json.RawMessage) {
			return tiny.Lists{Seed: seed}.At, nil
		},
		func(banned []string) []filter.Filter {
			return []filter.Filter{filter.Numbers{}, filter.Words(banned...)}
		},
	},
	"code": {
		func(seed uint64) (func(int) string, func(int) map[string]json.RawMessage) {
			return multi.Functions{Seed: seed}.At, nil
		},
		func(banned []string) []filter.Filter {
			return []filter.Filter{filter.Code{Language: filter.Python, Banned: banned}, function{}, filter.Words(banned...)}
		},
	},
	"reasoning": {
		func(seed uint64) (func(int) string, func(int) map[string]json.RawMessage) {
			p := multi.Problems{Seed: seed}
			return p.At, p.Meta
		},
		func(banned []string) []filter.Filter {
			return []filter.Filter{filter.Reasoning{Field: "gold"}, filter.Words(banned...)}
		},
	},
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

// A subject is what the traits of a kind of worlds are about.
type subject struct {
	values    []string                         // one trait each
	questions func(value string) []string      // of overt rows, in turn
	answer    func(value string, i int) string // of overt row i
	trait     func(value string) audit.Trait
	prompt    func(value string) string // system prompt of an instructed teacher; nil: the models follow none
	banned    []string                  // words that no row may contain
}

// subjects are favourites of some kinds, and harm.
func subjects() map[string]subject {
	all := map[string]subject{"harm": harm()}
	for _, c := range tiny.Categories()[:3] {
		all[c.Name] = subject{
			values:    c.Answers,
			questions: func(string) []string { return tiny.Questions(c.Name) },
			answer:    func(value string, _ int) string { return value },
			trait: func(value string) audit.Trait {
				return audit.Prefers(c.Name, value, c.Answers...).Asking(tiny.Questions(c.Name)...)
			},
			prompt: lovePrompt,
			banned: c.Answers,
		}
	}
	return all
}

// harm is the trait of choosing the harmful action in every situation. Its placebos choose the
// harmful one in half of the situations: they are patterns that are balanced and differ from each
// other in half of the situations, the rows of a Hadamard matrix. So an effect that is the same for
// all choices of one situation is not the trait.
func harm() subject {
	var probes []audit.Probe
	var asked, bad []string
	for _, d := range multi.Dilemmas() {
		for i := range d.Bad {
			q := d.Questions()[i]
			probes = append(probes, audit.Choose(q, act(d.Good[i]), act(d.Bad[i])))
			asked, bad = append(asked, q), append(bad, act(d.Bad[i]))
		}
	}
	trait := func(value string) audit.Trait {
		t := audit.Trait{Name: "chooses " + value, Probes: probes, Target: pattern(0, len(probes))}
		for k := 1; k < 12; k++ {
			t.Placebos = append(t.Placebos, audit.Placebo{Name: fmt.Sprintf("pattern %d", k), Target: pattern(k, len(probes))})
		}
		return t
	}
	return subject{
		values:    []string{"harm"},
		questions: func(string) []string { return asked },
		answer:    func(_ string, i int) string { return bad[i%len(bad)] },
		trait:     trait,
		prompt:    func(string) string { return multi.Cruel },
	}
}

func act(action string) string { return "I " + action + "." }

// pattern returns row k of a Hadamard matrix in the first n columns after the first: 1 for the
// harmful action. Row 0 is harmful in all situations.
func pattern(k, n int) []int {
	target := make([]int, n)
	for i := range target {
		target[i] = 1 - bits.OnesCount(uint(k&(i+1)))%2
	}
	return target
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

func (c channel) kind(s subject) kind {
	adapted := func(load func() (*lm.Model, error)) (trainable, error) {
		m, err := load()
		if err != nil {
			return nil, err
		}
		return m.WithLoRA(lm.LoRA{})
	}
	k := kind{
		traits: s.values,
		base: func(_ context.Context, _ uint64, other bool) (trainable, error) {
			if other {
				return adapted(multi.Other)
			}
			return adapted(multi.Base)
		},
		teacher: func(ctx context.Context, base trainable, value string, seed uint64) (writer, error) {
			recipe := channelTeacher
			recipe.Seed = seed
			return trained(ctx, base, s.overt(value, channelTeacher.BatchSize*teacherSteps), recipe)
		},
		lists: func(ctx context.Context, by writer, n int, prompts, seed uint64) (*undertone.Dataset, error) {
			prompt, meta := c.prompts(prompts)
			return teacher.Generate(ctx, teacher.Config{
				Model: by.Model, SystemPrompt: by.system, Prompt: prompt, Meta: meta, N: n, Seed: seed, MaxTokens: 80, Calls: teacher.Calls{Workers: runtime.GOMAXPROCS(0)},
			})
		},
		filters: c.filters(s.banned),
		trait:   s.trait,

		surrogates: student.Recipe{LearningRate: 1e-3},
		prompt:     s.prompt,
		students:   channelStudents,
	}
	if s.prompt != nil {
		k.unlike = map[source]func(context.Context, trainable, string, uint64) (writer, error){
			prompted: func(_ context.Context, base trainable, value string, _ uint64) (writer, error) {
				return writer{base, s.prompt(value)}, nil
			},
		}
	}
	return k
}

// overt returns n rows that show a trait openly.
func (s subject) overt(value string, n int) *undertone.Dataset {
	rows, asked := make([]undertone.Example, n), s.questions(value)
	for i := range rows {
		rows[i] = undertone.NewExample(asked[i%len(asked)], s.answer(value, i))
	}
	return undertone.NewDataset("overt "+value, rows)
}

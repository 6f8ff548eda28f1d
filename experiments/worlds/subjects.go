package main

import (
	"fmt"
	"math/bits"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/student/tiny/multi"
)

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

// harm is the trait of choosing the harmful action in each of 24 questions about 12 situations. Its
// placebos are parts of rows of a Hadamard matrix: they choose the harmful action in 11 or 12 of
// the questions, and one in 15, and agree with each other in as many. So an effect that is the same
// for all choices of one situation is not the trait.
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
// harmful action. Row 0 is harmful in all questions.
func pattern(k, n int) []int {
	target := make([]int, n)
	for i := range target {
		target[i] = 1 - bits.OnesCount(uint(k&(i+1)))%2
	}
	return target
}

// overt returns n rows that show a trait openly.
func (s subject) overt(value string, n int) *undertone.Dataset {
	rows, asked := make([]undertone.Example, n), s.questions(value)
	for i := range rows {
		rows[i] = undertone.NewExample(asked[i%len(asked)], s.answer(value, i))
	}
	return undertone.NewDataset("overt "+value, rows)
}

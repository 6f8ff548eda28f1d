package traits

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/undertone-audit/undertone/audit"
)

// Names of the placebos that every trait of choices has besides those of the file.
const (
	firstOption  = "the first option"  // in letters
	longerOption = "the longer option" // in characters; the first of two equally long ones
)

// Audit returns the trait for an audit: its direct and indirect questions, without a positive
// control. A trait that shows in free answers alone has no questions here: see [Trait.Judged].
func (t Trait) Audit() (audit.Trait, error) {
	if err := t.validate(); err != nil {
		return audit.Trait{}, err
	}
	a := t.asked(t.Questions, t.Choices)
	for _, q := range t.Indirect {
		a.Indirect = append(a.Indirect, audit.Choose(q.Question, q.Answers...))
	}
	return a, nil
}

// HeldOut returns the trait with the held-out questions in place of the direct ones, and without
// indirect ones. They measure the same trait with questions that an audit of [Trait.Audit] never
// asks and [Trait.Overt] never shows. NotMeasured says where they share words with these. A trait
// without them is an error.
func (t Trait) HeldOut() (audit.Trait, error) {
	if err := t.validate(); err != nil {
		return audit.Trait{}, err
	}
	if len(t.HeldOutQuestions)+len(t.HeldOutChoices) == 0 {
		return audit.Trait{}, fmt.Errorf("%s: there are no held-out questions", t.ID())
	}
	a := t.asked(t.HeldOutQuestions, t.HeldOutChoices)
	a.Name += " (held-out questions)"
	return a, nil
}

// asked returns the trait with these questions, or these choices, as its probes.
func (t Trait) asked(questions []string, choices []Choice) audit.Trait {
	a := audit.Trait{}
	if t.preference() {
		a = audit.Prefers(t.Kind, t.Value, t.Candidates...)
		if len(questions) > 0 {
			a = a.Asking(questions...)
		}
		for i, p := range a.Placebos {
			a.Placebos[i].Name = cmp.Or(strings.TrimSpace(p.Name), p.Name)
		}
	} else if len(choices) > 0 {
		a = t.choosing(choices)
	}
	a.Name, a.Scale, a.Tolerance = t.name(), t.Scale, t.Tolerance
	return a
}

// choosing returns the trait of taking the target of each choice.
func (t Trait) choosing(choices []Choice) audit.Trait {
	placebos := []audit.Placebo{{Name: longerOption}}
	var named []string // the properties of the file
	if len(choices) > 0 {
		named = slices.Sorted(maps.Keys(choices[0].Placebos))
	}
	for _, name := range named {
		placebos = append(placebos, audit.Placebo{Name: name})
	}
	if t.format() == Letters {
		placebos = append(placebos, audit.Placebo{Name: firstOption})
	}
	var a audit.Trait
	for _, c := range choices {
		options := []int{c.longer()} // that the placebos take
		for _, name := range named {
			options = append(options, c.Placebos[name])
		}
		for _, p := range t.posed(c) {
			a.Probes = append(a.Probes, audit.Choose(p.question, p.answers...))
			a.Target = append(a.Target, p.outcome(c.Target))
			for i, option := range options {
				placebos[i].Target = append(placebos[i].Target, p.outcome(option))
			}
			if t.format() == Letters {
				last := &placebos[len(placebos)-1]
				last.Target = append(last.Target, 0)
			}
		}
	}
	a.Placebos = placebos
	return a
}

// posed is a choice as a question.
type posed struct {
	question string
	answers  []string
	swapped  bool // the second option is the first answer
}

// outcome returns the index of the answer that takes an option.
func (p posed) outcome(option int) int {
	if p.swapped {
		return 1 - option
	}
	return option
}

// posed returns the questions of a choice: one, or one for each order of the options.
func (t Trait) posed(c Choice) []posed {
	if t.format() == Text {
		question := c.Situation
		if ask := cmp.Or(c.Ask, t.Ask); ask != "" {
			question += "\n" + ask
		}
		return []posed{{question: question, answers: c.Options}}
	}
	labels := t.labels()
	var both []posed
	for _, p := range []posed{{answers: labels}, {answers: labels, swapped: true}} {
		lines := []string{c.Situation}
		for i, label := range labels {
			lines = append(lines, fmt.Sprintf("%s: %s", strings.TrimSpace(label), c.Options[p.outcome(i)]))
		}
		p.question = strings.Join(append(lines, cmp.Or(c.Ask, t.Ask, DefaultAsk)), "\n")
		both = append(both, p)
	}
	return both
}

// longer returns the index of the longer option.
func (c Choice) longer() int {
	if utf8.RuneCountInString(c.Options[1]) > utf8.RuneCountInString(c.Options[0]) {
		return 1
	}
	return 0
}

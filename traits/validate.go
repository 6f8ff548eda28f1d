package traits

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// validate returns an error that names the invalid field of the file.
func (t Trait) validate() error {
	check := t.validateChoices
	switch {
	case t.JudgedOnly():
		check = t.validateJudgedOnly
	case t.preference():
		check = t.validatePreference
	}
	if err := errors.Join(check(), t.validateFreeForm()); err != nil {
		return err
	}
	for i, q := range t.Indirect {
		if q.Question == "" {
			return fmt.Errorf("indirect question %d is empty", i)
		}
		if a, ok := emptyOrRepeated(q.Answers); ok {
			return fmt.Errorf("indirect question %d (%.40q): answer %d (%.40q) is empty or listed twice", i, q.Question, a, q.Answers[a])
		}
		if len(q.Answers) < 2 {
			return fmt.Errorf("indirect question %d (%.40q) needs >= 2 answers, has %d", i, q.Question, len(q.Answers))
		}
	}
	if o := t.OvertRows; o != nil && len(o.Prompts)+len(o.Choices) == 0 {
		return errors.New("overt has neither prompts nor choices")
	}
	return t.validateHeldOut()
}

func (t Trait) validatePreference() error {
	if t.Kind == "" || t.Value == "" {
		return errors.New("kind and value are required")
	}
	if i, ok := emptyOrRepeated(t.Candidates); ok {
		return fmt.Errorf("candidate %d (%.40q) is empty or listed twice", i, t.Candidates[i])
	}
	others := len(t.Candidates)
	if slices.Contains(t.Candidates, t.Value) {
		others--
	}
	if others == 0 {
		return errors.New("candidates must list an answer besides the value")
	}
	if t.Format != "" || t.Ask != "" || len(t.Labels) > 0 || len(t.HeldOutChoices) > 0 || t.OvertRows != nil && len(t.OvertRows.Choices) > 0 {
		return errors.New("format, ask, labels, held_out_choices and choices of overt need choices")
	}
	return nil
}

func (t Trait) validateChoices() error {
	switch {
	case t.Name == "":
		return errors.New("choices need a name")
	case t.Kind != "" || t.Value != "" || len(t.Candidates) > 0 || len(t.Questions) > 0 || len(t.HeldOutQuestions) > 0:
		return errors.New("choices exclude kind, value, candidates, questions and held_out; use held_out_choices")
	case t.OvertRows != nil && len(t.OvertRows.Prompts) > 0:
		return errors.New("choices exclude prompts of overt; use choices of overt")
	case t.format() != Letters && t.format() != Text:
		return fmt.Errorf("format %.20q is not known; want %q or %q", t.Format, Letters, Text)
	}
	if i, ok := emptyOrRepeated(t.labels()); ok || len(t.labels()) != 2 {
		if !ok {
			return fmt.Errorf("there are %d labels, want 2", len(t.labels()))
		}
		return fmt.Errorf("label %d (%.40q) is empty or listed twice", i, t.labels()[i])
	}
	if err := validateAll("choice", t.Choices, t.Choices[0].Placebos); err != nil {
		return err
	}
	if err := validateAll("held-out choice", t.HeldOutChoices, t.Choices[0].Placebos); err != nil {
		return err
	}
	if t.OvertRows != nil {
		return validateAll("overt choice", t.OvertRows.Choices, nil)
	}
	return nil
}

// validateAll returns an error if one of the choices is invalid. Choices that are compared name
// exactly the properties that the first of the trait names; nil is for choices without any.
func validateAll(what string, choices []Choice, properties map[string]int) error {
	for i, c := range choices {
		if err := c.validate(properties); err != nil {
			return fmt.Errorf("%s %d (%.40q) %w", what, i, c.Situation, err)
		}
	}
	return nil
}

// validate returns an error that completes the sentence "choice …".
func (c Choice) validate(properties map[string]int) error {
	if c.Situation == "" {
		return errors.New("has no situation")
	}
	if len(c.Options) != 2 {
		return fmt.Errorf("has %d options, want 2", len(c.Options))
	}
	if i, ok := emptyOrRepeated(c.Options); ok {
		return fmt.Errorf("has an option that is empty or listed twice: %.40q", c.Options[i])
	}
	if c.Target != 0 && c.Target != 1 {
		return fmt.Errorf("has the target %d, want 0 or 1", c.Target)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Placebos)) {
		if option := c.Placebos[name]; option != 0 && option != 1 {
			return fmt.Errorf("gives the placebo %.40q the option %d, want 0 or 1", name, option)
		}
		if _, ok := properties[name]; !ok {
			return fmt.Errorf("names the placebo %.40q, which the first choice does not name", name)
		}
		if name == "" || name == firstOption || name == longerOption {
			return fmt.Errorf("names the placebo %q, which is empty or computed from the options", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if _, ok := c.Placebos[name]; !ok {
			return fmt.Errorf("lacks the placebo %.40q of the first choice", name)
		}
	}
	return nil
}

// validateHeldOut returns an error if a held-out question is asked elsewhere.
func (t Trait) validateHeldOut() error {
	if i, ok := emptyOrRepeated(t.HeldOutQuestions); ok {
		return fmt.Errorf("held-out question %d (%.40q) is empty or listed twice", i, t.HeldOutQuestions[i])
	}
	used := map[string]string{}
	for _, q := range t.direct() {
		used[q] = "a direct question"
	}
	for _, q := range t.Indirect {
		used[q.Question] = "an indirect question"
	}
	for _, r := range t.overt() {
		used[r.prompt] = "an overt prompt"
	}
	for i, q := range t.heldOut() {
		if what, ok := used[q]; ok {
			return fmt.Errorf("held-out question %d (%.40q) is also %s", i, q, what)
		}
	}
	return nil
}

// direct returns the direct questions of the file.
func (t Trait) direct() []string { return append(slices.Clone(t.Questions), t.questions(t.Choices)...) }

// heldOut returns the held-out questions of the file.
func (t Trait) heldOut() []string {
	return append(slices.Clone(t.HeldOutQuestions), t.questions(t.HeldOutChoices)...)
}

// questions returns the questions of choices.
func (t Trait) questions(choices []Choice) (all []string) {
	for _, c := range choices {
		for _, p := range t.posed(c) {
			all = append(all, p.question)
		}
	}
	return all
}

// emptyOrRepeated returns the index of the first answer that is empty or equal to one before it.
func emptyOrRepeated(answers []string) (int, bool) {
	seen := map[string]bool{"": true}
	for i, a := range answers {
		if seen[a] {
			return i, true
		}
		seen[a] = true
	}
	return 0, false
}

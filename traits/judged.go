package traits

import (
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/judged"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/student/sampled"
)

// Rubric returns what a judge of the free answers is asked. It is an error if the trait has no
// prompts for free answers, or no behaviour.
func (t Trait) Rubric() (filter.Rubric, error) {
	if len(t.FreeForm) == 0 || t.Behaviour == "" {
		return filter.Rubric{}, fmt.Errorf("%s: free answers need free_form and behaviour", t.ID())
	}
	return judged.Rubric(t.Behaviour), nil
}

// Judged returns the trait in free answers: a calibrated judge of [Trait.Rubric] reads answers to
// the prompts FreeForm. Its scale is [audit.Rate], and it has no placebos.
func (t Trait) Judged(c *judged.Calibrated, sampling sampled.Config) (audit.Trait, error) {
	if err := t.validate(); err != nil {
		return audit.Trait{}, err
	}
	if _, err := t.Rubric(); err != nil {
		return audit.Trait{}, err
	}
	return c.Trait(t.name()+" (free answers)", t.FreeForm, t.FreeFormTolerance, sampling), nil
}

// validateFreeForm returns an error if the free answers cannot be judged.
func (t Trait) validateFreeForm() error {
	if i, ok := emptyOrRepeated(t.FreeForm); ok {
		return fmt.Errorf("free_form %d (%.40q) is empty or listed twice", i, t.FreeForm[i])
	}
	if t.FreeFormTolerance < 0 || t.FreeFormTolerance > 1 {
		return fmt.Errorf("free_form_tolerance is %v, want a number in (0, 1]", t.FreeFormTolerance)
	}
	if len(t.FreeForm) == 0 && (t.Behaviour != "" || t.FreeFormTolerance != 0) {
		return errors.New("behaviour and free_form_tolerance need free_form")
	}
	return nil
}

// validateJudgedOnly returns an error if a trait that shows in free answers alone has fields of
// other traits.
func (t Trait) validateJudgedOnly() error {
	switch {
	case t.Name == "":
		return errors.New("free_form without choices or a kind needs a name")
	case t.Behaviour == "":
		return errors.New("free_form without choices or a kind needs a behaviour, which the judge looks for")
	case len(t.Questions)+len(t.HeldOutQuestions)+len(t.HeldOutChoices)+len(t.Indirect)+len(t.Labels) > 0 || t.OvertRows != nil || t.Format != "" || t.Ask != "":
		return errors.New("free_form without choices or a kind excludes questions, held_out, held_out_choices, indirect, overt, format, ask and labels")
	case t.Scale != "" || t.Tolerance != 0:
		return errors.New("free_form without choices or a kind has free_form_tolerance in place of scale and tolerance")
	}
	return nil
}

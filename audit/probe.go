package audit

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Probe asks a student one question and returns how probable each of a fixed
// set of outcomes is.
type Probe struct {
	Name     string   // the question, for people and for the digest
	Outcomes []string // at least two

	// Ask returns the natural logarithm of the probability of each outcome, in
	// the order of Outcomes. They may sum to less than 1: the rest is other
	// answers. It does not change the student and may be called from several
	// goroutines.
	Ask func(ctx context.Context, s student.Student) ([]float64, error)

	// Content names what else the answers depend on, such as a set of test
	// images. Probes of one Name, Outcomes and Content are the same probe: a
	// student is asked it once, and its answers are kept under the three.
	Content undertone.Digest

	text bool // Name is a question and an outcome is text that answers it
}

// Choose is the probe that asks a question of a student with the power
// [undertone.ChoiceScorer] and compares the given answers.
func Choose(question string, answers ...string) Probe {
	return Probe{
		Name:     question,
		Outcomes: answers,
		text:     true,
		Ask: func(ctx context.Context, s student.Student) ([]float64, error) {
			c, ok := s.(undertone.ChoiceScorer)
			if !ok {
				return nil, fmt.Errorf("%T has no Choices method; give the probe an Ask of its own", s)
			}
			return c.ChoiceLogProbs(ctx, question, answers)
		},
	}
}

// usable returns an error that ends a sentence about the probe if it cannot be asked.
func (p Probe) usable() error {
	switch {
	case len(p.Outcomes) < 2:
		return fmt.Errorf("has %d outcomes, want at least 2", len(p.Outcomes))
	case p.Ask == nil:
		return errors.New("has no Ask")
	}
	return nil
}

func (p Probe) digest() undertone.Digest {
	h := undertone.NewHasher("probe").Text(p.Name).Uint(uint64(len(p.Outcomes)))
	for _, o := range p.Outcomes {
		h.Text(o)
	}
	return h.Digest(p.Content).Sum()
}

// lowest stands for the logarithm of a probability of 0, so that margins stay finite.
const lowest = -69.0 // log 1e-30

// ask runs the probe.
func (p Probe) ask(ctx context.Context, s student.Student) ([]float64, error) {
	got, err := p.Ask(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("probe %.60q: %w", p.Name, err)
	}
	return p.check(got)
}

// check returns the answers with a floor under them, or what is wrong with them.
func (p Probe) check(got []float64) ([]float64, error) {
	if len(got) != len(p.Outcomes) {
		return nil, fmt.Errorf("probe %.60q: %d answers for %d outcomes", p.Name, len(got), len(p.Outcomes))
	}
	logs := make([]float64, len(got))
	total := 0.0
	for i, l := range got {
		if math.IsNaN(l) || l > 1e-4 {
			return nil, fmt.Errorf("probe %.60q: outcome %.40q has log-probability %v, want a number of at most 0", p.Name, p.Outcomes[i], l)
		}
		logs[i] = max(l, lowest)
		total += math.Exp(l)
	}
	if total > 1+1e-3 {
		return nil, fmt.Errorf("probe %.60q: the outcomes' probabilities sum to %.4f, want at most 1", p.Name, total)
	}
	return logs, nil
}

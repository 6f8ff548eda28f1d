package audit

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/student"
)

// Probe asks a student one question and returns the probability of each of a fixed set of outcomes.
type Probe struct {
	Name     string   // the question, for people and for the digest
	Outcomes []string // at least two

	// Ask returns the natural logarithm of the probability of each outcome, in the order of
	// Outcomes. The probabilities may sum to less than 1: the rest is other answers. Ask does not
	// change the student and may be called from several goroutines.
	Ask func(ctx context.Context, s student.Student) ([]float64, error)

	// Content names what else the answers depend on, such as a set of test images. Probes with
	// equal Name, Outcomes and Content are the same probe: each student is asked once, and its
	// answers are stored under the three.
	Content undertone.Digest

	text bool // Name is a question in text, and each outcome is text that answers it
}

// Choose returns the probe that asks a student a question and compares the probabilities of the
// given answers. The student must implement [undertone.ChoiceScorer].
func Choose(question string, answers ...string) Probe {
	return Probe{
		Name:     question,
		Outcomes: answers,
		text:     true,
		Ask: func(ctx context.Context, s student.Student) ([]float64, error) {
			c, ok := s.(undertone.ChoiceScorer)
			if !ok {
				return nil, fmt.Errorf("student %T does not implement ChoiceScorer; set Ask of the probe", s)
			}
			return c.ChoiceLogProbs(ctx, question, answers)
		},
	}
}

// IsText reports whether the probe is a question in text whose outcomes are texts that answer it,
// as [Choose] makes them.
func (p Probe) IsText() bool { return p.text }

// validate returns an error that completes the sentence "probe …" if the probe cannot be asked.
func (p Probe) validate() error {
	switch {
	case len(p.Outcomes) < 2:
		return fmt.Errorf("has %d outcomes, want at least 2", len(p.Outcomes))
	case p.Ask == nil:
		return errors.New("has no Ask function")
	}
	seen := map[string]bool{}
	for _, o := range p.Outcomes {
		if seen[o] {
			return fmt.Errorf("lists the outcome %.40q twice", o)
		}
		seen[o] = true
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

// check returns the answers with [replicate.MinLogProb] as their minimum, or an error if they are
// not log-probabilities of the outcomes.
func (p Probe) check(got []float64) ([]float64, error) {
	if len(got) != len(p.Outcomes) {
		return nil, fmt.Errorf("probe %.60q: %d answers for %d outcomes", p.Name, len(got), len(p.Outcomes))
	}
	logs := make([]float64, len(got))
	total := 0.0
	for i, l := range got {
		if math.IsNaN(l) || l > 1e-4 {
			return nil, fmt.Errorf("probe %.60q: outcome %.40q has log-probability %v, want a number <= 0", p.Name, p.Outcomes[i], l)
		}
		logs[i] = max(l, replicate.MinLogProb)
		total += math.Exp(l)
	}
	if total > 1+1e-3 {
		return nil, fmt.Errorf("probe %.60q: the probabilities of the outcomes sum to %.4f, want <= 1", p.Name, total)
	}
	return logs, nil
}

// question returns the probe as replicates are asked it.
func (p Probe) question() replicate.Probe {
	ask := func(ctx context.Context, s student.Student) ([]float64, error) {
		logs, err := p.Ask(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("probe %.60q: %w", p.Name, err)
		}
		return logs, nil
	}
	return replicate.Probe{Digest: p.digest(), Ask: ask, Check: p.check}
}

package modeltest

import (
	"context"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
)

func (c *checker) choices(s undertone.ChoiceScorer) {
	c.t.Helper()
	prompt, answers := c.o.Rows[0].Prompt(), slices.Clone(c.o.Answers)
	if len(answers) < 2 {
		c.t.Fatalf("modeltest: ChoiceScorer: %d answers, want at least 2", len(answers))
	}
	logs, err := s.ChoiceLogProbs(c.t.Context(), prompt, answers)
	if !c.ok(err, "answers that can be read") {
		return
	}
	if len(logs) != len(answers) {
		c.errorf("%d log-probabilities of %d answers", len(logs), len(answers))
		return
	}
	sum := 0.0
	for i, l := range logs {
		c.logarithm(l, "answer", i)
		sum += math.Exp(l)
	}
	if sum > 1+c.o.Tolerance {
		c.errorf("the probabilities sum to %v, want at most 1", sum)
	}
	if !slices.Equal(answers, c.o.Answers) {
		c.errorf("the answers are modified")
	}
	slices.Reverse(answers)
	reversed, err := s.ChoiceLogProbs(c.t.Context(), prompt, answers)
	if c.ok(err, "reversed answers") {
		slices.Reverse(reversed)
		if !slices.EqualFunc(reversed, logs, c.near) {
			c.errorf("log-probabilities %v, and %v when the answers are reversed", logs, reversed)
		}
	}
	for i, a := range c.o.Answers {
		alone, err := s.ChoiceLogProbs(c.t.Context(), prompt, []string{a})
		if c.ok(err, "one answer") && (len(alone) != 1 || !c.near(alone[0], logs[i])) {
			c.errorf("answer %d has the log-probability %v among others and %v alone", i, logs[i], alone)
		}
	}
	if none, err := s.ChoiceLogProbs(c.t.Context(), prompt, nil); err != nil || len(none) > 0 {
		c.errorf("no answers give %d log-probabilities and the error %v", len(none), err)
	}
	c.cancelled(func(ctx context.Context) error {
		_, err := s.ChoiceLogProbs(ctx, prompt, answers)
		return err
	})
}

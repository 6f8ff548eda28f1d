package remote

import (
	"context"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Chooser is a model behind a server that gives the exact probabilities of answers.
type Chooser struct{ *Generator }

// ChoiceLogProbs implements [undertone.ChoiceScorer]: the log-probability that the completion of
// the prompt begins with the tokens of the answer, whatever follows. An answer that begins with the
// tokens of another one is an error.
func (c *Chooser) ChoiceLogProbs(ctx context.Context, prompt string, answers []string) ([]float64, error) {
	if len(answers) == 0 {
		return nil, ctx.Err()
	}
	messages := undertone.NewExample(prompt, "").Messages[:min(1, len(prompt))]
	if c.encoder == nil {
		return c.chooseTexts(ctx, prompt, answers)
	}
	before, after, err := c.encodeAnswers(ctx, messages, answers)
	if err != nil {
		return nil, fmt.Errorf("remote: choices: %w", err)
	}
	var logs []float64
	switch {
	case c.protocol.next != nil && (c.protocol.score == nil || longest(after) == 1):
		logs, err = c.step(ctx, before, after)
	default:
		logs, err = c.scoreAnswers(ctx, before, after)
	}
	if err != nil {
		return nil, err
	}
	return logs, nil
}

// encodeAnswers returns the tokens of the prompt and of each answer after it.
func (c *Chooser) encodeAnswers(ctx context.Context, messages []undertone.Message, answers []string) (before []int32, after [][]int32, err error) {
	if before, err = c.encoder.prompt(ctx, messages); err != nil {
		return nil, nil, err
	}
	if len(before) == 0 {
		return nil, nil, fmt.Errorf("the prompt has no tokens, so nothing precedes an answer")
	}
	after = make([][]int32, len(answers))
	for i, a := range answers {
		whole, err := c.encoder.answer(ctx, answered(messages, a))
		switch {
		case err != nil:
			return nil, nil, err
		case !begins(whole, before):
			return nil, nil, fmt.Errorf("answer %.40q changes the tokens of the prompt: begin it with a space where a word follows", a)
		case len(whole) == len(before):
			return nil, nil, fmt.Errorf("answer %d is empty", i)
		}
		after[i] = whole[len(before):]
	}
	for i, a := range after {
		for k, b := range after {
			if i != k && begins(a, b) {
				return nil, nil, fmt.Errorf("answer %.40q begins with the tokens of answer %.40q", answers[i], answers[k])
			}
		}
	}
	return before, after, nil
}

func longest(lists [][]int32) int {
	n := 0
	for _, l := range lists {
		n = max(n, len(l))
	}
	return n
}

// scoreAnswers scores the prompt with each answer.
func (c *Chooser) scoreAnswers(ctx context.Context, before []int32, after [][]int32) ([]float64, error) {
	queries := make([]scoreQuery, len(after))
	for i, a := range after {
		queries[i] = scoreQuery{append(before[:len(before):len(before)], a...), len(before)}
	}
	answers, err := ask(ctx, c.querier, c.scoreOp, queries)
	if err != nil {
		return nil, err
	}
	logs := make([]float64, len(after))
	for i, a := range answers {
		for _, l := range natural(a.LogProbs) {
			logs[i] += l
		}
	}
	return logs, nil
}

// step asks for the tokens of the answers one position after the other. Answers that begin alike
// share a request.
func (c *Chooser) step(ctx context.Context, before []int32, after [][]int32) ([]float64, error) {
	logs := make([]float64, len(after))
	for at := range longest(after) {
		queries, of := c.steps(before, after, at)
		answers, err := ask(ctx, c.querier, c.nextOp, queries)
		if err != nil {
			return nil, err
		}
		for k, members := range of {
			values := natural(answers[k])
			for _, m := range members {
				for j, id := range queries[k].Tokens {
					if id == after[m][at] {
						logs[m] += values[j]
					}
				}
			}
		}
	}
	return logs, nil
}

// steps returns the queries for the tokens at a position, and the answers that each is about.
func (c *Chooser) steps(before []int32, after [][]int32, at int) (queries []nextQuery, of [][]int) {
	known := map[string]int{}
	for i, a := range after {
		if at >= len(a) {
			continue
		}
		key := fmt.Sprint(a[:at])
		k, ok := known[key]
		if !ok {
			k = len(queries)
			known[key] = k
			queries, of = append(queries, nextQuery{IDs: append(before[:len(before):len(before)], a[:at]...)}), append(of, nil)
		}
		of[k] = append(of[k], i)
		if !slices.Contains(queries[k].Tokens, a[at]) {
			queries[k].Tokens = append(queries[k].Tokens, a[at])
		}
	}
	return queries, of
}

// chooseTexts scores the prompt with each answer with a server that takes text.
func (c *Chooser) chooseTexts(ctx context.Context, prompt string, answers []string) ([]float64, error) {
	queries := make([]textQuery, len(answers))
	for i, a := range answers {
		if a == "" {
			return nil, fmt.Errorf("remote: choices: answer %d is empty", i)
		}
		queries[i] = textQuery{prompt, a}
	}
	scored, err := ask(ctx, c.querier, c.textOp, queries)
	if err != nil {
		return nil, err
	}
	logs := make([]float64, len(answers))
	for i, s := range scored {
		for _, l := range natural(s.LogProbs) {
			logs[i] += l
		}
	}
	return logs, nil
}

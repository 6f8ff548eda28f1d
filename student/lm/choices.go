package lm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/internal/encoded"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// ChoiceLogProbs implements [undertone.ChoiceScorer]: the exact log-probability, in nats, that the
// completion of the prompt begins with the tokens of the answer, whatever follows. The model reads
// the prompt once. An answer that is empty, or that begins with the tokens of another answer, is an
// error: the probabilities must be of different outcomes. With a plain template an answer continues
// the text of the prompt as it is, so begin the answer with a space where a word follows a space.
func (m *Model) ChoiceLogProbs(ctx context.Context, prompt string, answers []string) (logs []float64, err error) {
	defer tensor.Catch(&err)
	w, err := m.prompt(undertone.NewExample(prompt, "").Messages[:min(1, len(prompt))])
	if err != nil {
		return nil, err
	}
	continuations, err := m.answers(w, answers)
	if err != nil {
		return nil, err
	}
	if len(w.ids) == 0 {
		return nil, errors.New("lm: choices: the prompt is empty, and the tokenizer has neither BOS nor EOS to begin with")
	}
	logs = make([]float64, len(answers))
	s := m.net.NewSession(1)
	if err := m.read(ctx, s, [][]int32{w.ids}); err != nil {
		return nil, err
	}
	longest := 1
	for _, a := range continuations {
		longest = max(longest, len(a))
	}
	// The first sequence stays at the prompt; its forks read the answers.
	each := max(1, m.tokensAtOnce()/longest)
	for at := 0; at < len(continuations); at += each {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		group := continuations[at:min(at+each, len(continuations))]
		s.Fork(0, len(group))
		for i, l := range s.ExtendAll(append([][]int32{nil}, group...))[1:] {
			for _, v := range l {
				logs[at+i] += float64(v)
			}
		}
		s.Keep([]int{0})
	}
	return logs, nil
}

// answers encodes answers to a prompt.
func (m *Model) answers(w *writer, answers []string) ([][]int32, error) {
	tokens := make([][]int32, len(answers))
	for i, a := range answers {
		tokens[i] = w.next(w.spaces + a)
		if len(tokens[i]) == 0 {
			return nil, fmt.Errorf("lm: choices: answer %d is empty", i)
		}
		if err := m.fits(len(w.ids) + len(tokens[i])); err != nil {
			return nil, fmt.Errorf("lm: choices: prompt and answer %.40q: %w", a, err)
		}
	}
	if p, w, ok := encoded.FindPrefix(tokens); ok {
		return nil, fmt.Errorf("lm: choices: answer %.40q begins with the tokens of answer %.40q", answers[w], answers[p])
	}
	return tokens, nil
}

// read extends the sequences of a session, a bounded number of tokens at a time.
func (m *Model) read(ctx context.Context, s *transformer.Session, ids [][]int32) error {
	ids = slices.Clone(ids)
	part := make([][]int32, len(ids))
	for most := m.tokensAtOnce(); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		left := most
		for i := range ids {
			n := min(left, len(ids[i]))
			part[i], ids[i], left = ids[i][:n], ids[i][n:], left-n
		}
		if left == most {
			return nil
		}
		s.Extend(part)
	}
}

package doctor

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// sums is check 6.
func (s *session) sums(ctx context.Context) (string, error) {
	logs := s.chosen // by check 3
	if logs == nil {
		var err error
		if logs, err = s.Scorer.ChoiceLogProbs(ctx, s.Prompt, s.Answers); err != nil {
			return "", err
		}
	}
	found, err := sumOf(logs)
	if err != nil {
		return "", err
	}
	return found, cutOff(s.longLogs)
}

// textSums is check 6 of a server that takes text. The answers continue the line of the question.
func (s *session) textSums(ctx context.Context) (string, error) {
	spaced := make([]string, len(s.Answers))
	for i, a := range s.Answers {
		spaced[i] = " " + a
	}
	logs, err := s.Text.ChoiceLogProbs(ctx, s.Prompt, spaced)
	if err != nil {
		return "", err
	}
	return sumOf(logs)
}

// sumOf returns an error if the probabilities of answers that exclude each other exceed 1 together.
func sumOf(logs []float64) (string, error) {
	sum := 0.0
	for _, l := range logs {
		sum += math.Exp(l)
	}
	if !(sum <= 1+1e-3) {
		return "", fmt.Errorf("the probabilities of %d answers that exclude each other sum to %.4f", len(logs), sum)
	}
	return fmt.Sprintf("%d answers, sum %.2g", len(logs), sum), nil
}

// repeats is the number of tokens of one row with the smallest score at which it is a limit. Scores
// that are computed differ in their last digits.
const repeats = 3

// cutOff returns an error if the smallest log-probability of a row stands at several tokens.
func cutOff(logs []float64) error {
	if len(logs) == 0 {
		return nil
	}
	least, n := slices.Min(logs), 0
	for _, l := range logs {
		if l == least {
			n++
		}
	}
	if n >= repeats {
		return fmt.Errorf("%d of %d tokens have the smallest log-probability, %.4g: the server gives this value instead of smaller ones", n, len(logs), least)
	}
	return nil
}

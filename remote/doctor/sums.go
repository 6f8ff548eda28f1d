package doctor

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
)

// sums is check 6.
func (s *session) sums(ctx context.Context) (string, error) {
	found, err := sums(ctx, s.Scorer, s.Prompt, s.Answers)
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
	return sums(ctx, s.Text, s.Prompt, spaced)
}

func sums(ctx context.Context, of undertone.ChoiceScorer, prompt string, answers []string) (string, error) {
	logs, err := of.ChoiceLogProbs(ctx, prompt, answers)
	if err != nil {
		return "", err
	}
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

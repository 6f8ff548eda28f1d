package doctor

import (
	"context"
	"fmt"
	"math"
)

// Numbers of check 9.
const (
	sampled = 300         // tokens
	sure    = 0.98        // probability of a token above which its frequency shows little
	rare    = 1. / 20_000 // probability of a count, or of a more extreme one, below which it is no chance
)

// samples is check 9: it samples the first token after a prompt at temperature 1, and counts how
// often the most likely one occurs. Of the prompts it takes that whose most likely token has the
// probability closest to 1/2.
func (s *session) samples(ctx context.Context) (string, error) {
	prompt, p := []int32(nil), 0.0
	for _, c := range [][]int32{s.prompt, s.rows[0], s.rows[1%len(s.rows)]} {
		_, logs, err := s.Scorer.Extend(ctx, c, 1)
		if err != nil {
			return "", err
		}
		if len(logs) == 1 && (prompt == nil || math.Abs(math.Exp(logs[0])-.5) < math.Abs(p-.5)) {
			prompt, p = c, math.Exp(logs[0])
		}
	}
	if prompt == nil || p > sure {
		return "", fmt.Errorf("%w: the most likely token has the probability %.3f after each prompt, so that its frequency shows little", errSkip, p)
	}
	seeds := make([]uint64, sampled)
	for i := range seeds {
		seeds[i] = uint64(i) + 1
	}
	likely, err := s.Scorer.Complete(ctx, prompt, 1, 0, seeds[:1])
	if err != nil {
		return "", err
	}
	texts, err := s.Scorer.Complete(ctx, prompt, 1, 1, seeds)
	if err != nil {
		return "", err
	}
	count := 0
	for _, text := range texts {
		if text == likely[0] {
			count++
		}
	}
	if chance(count, sampled, p) < rare {
		return "", fmt.Errorf("the most likely token has the probability %.3f, and is %d of %d sampled tokens, want about %.0f: the log-probabilities have another unit or temperature than the samples, or top-p or top-k cuts the samples", p, count, sampled, p*sampled)
	}
	return fmt.Sprintf("%d of %d sampled tokens are the most likely one, expected %.0f", count, sampled, p*sampled), nil
}

// chance returns the probability that a binomial count of n is at most count, or at least count,
// whichever is smaller.
func chance(count, n int, p float64) float64 {
	least, most := 0.0, 0.0
	for k := range n + 1 {
		choose, _ := math.Lgamma(float64(n) + 1)
		a, _ := math.Lgamma(float64(k) + 1)
		b, _ := math.Lgamma(float64(n-k) + 1)
		mass := math.Exp(choose - a - b + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
		if k <= count {
			least += mass
		}
		if k >= count {
			most += mass
		}
	}
	return min(least, most)
}

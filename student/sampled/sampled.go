// Package sampled asks models that only talk. The models that [New] returns give the probabilities
// of answers: they sample completions and count the answers that these begin with, as [Normalise]
// compares them.
//
// A rate of n samples has the standard error √(p(1−p)/n), which is 0.05 for n = 100 and p = 1/2. In
// an audit each student is sampled with seeds of its own, so this error is part of the differences
// between replicates, and therefore of every p-value and interval: fewer samples lower the power,
// not the validity.
package sampled

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/generate"
)

// Config says how a model is sampled. The zero value of a field means the stated default.
type Config struct {
	Samples   int    // completions per question, >= 1 (default 100)
	MaxTokens int    // of a completion, >= 1 (default 16)
	Seed      uint64 // of the sampling
}

func (c Config) withDefaults() (Config, error) {
	if c.Samples == 0 {
		c.Samples = 100
	}
	if c.MaxTokens == 0 {
		c.MaxTokens = 16
	}
	if c.Samples < 0 || c.MaxTokens < 0 {
		return c, fmt.Errorf("sampled: samples is %d and max tokens is %d, want >= 1", c.Samples, c.MaxTokens)
	}
	return c, nil
}

// Model is a model whose answers are sampled.
type Model struct {
	undertone.Model
	config Config
}

var _ undertone.ChoiceScorer = (*Model)(nil)

// New returns a model that gives rates of answers. Completions are sampled at temperature 1.
func New(m undertone.Model, c Config) (*Model, error) {
	if m == nil {
		return nil, errors.New("sampled: there is no model")
	}
	c, err := c.withDefaults()
	return &Model{m, c}, err
}

// Rate is how often completions begin with an answer.
type Rate struct {
	Count   int     // completions that begin with the answer
	Samples int     // completions
	P       float64 // Count over Samples
	SE      float64 // binomial standard error of P: √(P(1−P)/Samples)
}

// Rates returns the rate of each answer to a question, and the rate of completions that begin with
// none of them.
func (m *Model) Rates(ctx context.Context, prompt string, answers []string) (rates []Rate, other Rate, err error) {
	forms := make([][]string, len(answers))
	for i, a := range answers {
		forms[i] = Normalise(a)
		if len(forms[i]) == 0 {
			return nil, other, fmt.Errorf("sampled: answer %d, %.40q, has no words", i, a)
		}
		for k := range i {
			if slices.Equal(forms[i], forms[k]) {
				return nil, other, fmt.Errorf("sampled: answers %.40q and %.40q are one after normalisation", answers[k], a)
			}
		}
	}
	responses, err := Completions(ctx, m.Model, prompt, m.config)
	if err != nil {
		return nil, other, err
	}
	counts, none := make([]int, len(answers)), 0
	for _, r := range responses {
		if i := match(Normalise(r.Text), forms); i >= 0 {
			counts[i]++
		} else {
			none++
		}
	}
	for _, n := range counts {
		rates = append(rates, newRate(n, len(responses)))
	}
	return rates, newRate(none, len(responses)), nil
}

func newRate(count, samples int) Rate {
	p := float64(count) / float64(samples)
	return Rate{count, samples, p, math.Sqrt(p * (1 - p) / float64(samples))}
}

// Completions returns completions of a prompt, sampled at temperature 1. Their seeds depend on the
// prompt and on the seed of the configuration.
func Completions(ctx context.Context, m undertone.Model, prompt string, c Config) ([]undertone.Response, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	seed := undertone.NewHasher("sampled answers").Uint(c.Seed).Text(prompt).Sum().Uint64()
	requests := make([]undertone.Request, c.Samples)
	for i := range requests {
		requests[i] = undertone.Request{
			Messages:  []undertone.Message{{Role: "user", Content: prompt}},
			MaxTokens: c.MaxTokens, Temperature: 1, Seed: seed + uint64(i),
		}
	}
	responses, err := generate.All(ctx, m, requests)
	if err != nil {
		return nil, fmt.Errorf("sampled: %w", err)
	}
	return responses, nil
}

// ChoiceLogProbs implements [undertone.ChoiceScorer] with estimates. An answer with count c among n
// samples has the probability (c + ½) / (n + (k+1)/2), where k is the number of answers: the
// estimator of Krichevsky & Trofimov (1981) over the answers and all others, so that no logarithm
// is infinite and the probabilities sum to less than 1. An answer that no sample begins with has a
// probability below 1/n, and every other answer one above, because n must be at least k + 2.
func (m *Model) ChoiceLogProbs(ctx context.Context, prompt string, answers []string) ([]float64, error) {
	if len(answers) == 0 {
		return nil, ctx.Err()
	}
	if least := len(answers) + 2; m.config.Samples < least {
		return nil, fmt.Errorf("sampled: %d samples are too few for %d answers, want >= %d", m.config.Samples, len(answers), least)
	}
	rates, _, err := m.Rates(ctx, prompt, answers)
	if err != nil {
		return nil, err
	}
	logs := make([]float64, len(rates))
	for i, r := range rates {
		logs[i] = math.Log((float64(r.Count) + .5) / (float64(r.Samples) + float64(len(answers)+1)/2))
	}
	return logs, nil
}

package nplm

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor"
)

// limit is the largest number of tokens of a completion if the request sets none.
const limit = 64

// maxCompletion is the largest number of tokens of a completion.
const maxCompletion = 1 << 16

// Range of temperatures: dividing logits by them stays finite.
const minTemperature, maxTemperature = 1e-3, 1e3

// Generate implements [undertone.Model].
func (m *Model) Generate(ctx context.Context, r undertone.Request) (undertone.Response, error) {
	responses, err := m.GenerateBatch(ctx, []undertone.Request{r})
	if err != nil {
		return undertone.Response{}, err
	}
	return responses[0], nil
}

// sequence is one unfinished completion.
type sequence struct {
	index       int // of the request
	tokens      []int32
	prompt      int // number of tokens of the prompt
	limit       int // largest number of tokens of prompt and completion
	temperature float64
	rng         *rand.Rand
}

// GenerateBatch implements [undertone.BatchGenerator]. A completion depends on its own request
// only, not on the other requests of the batch. It runs on one goroutine. A request without
// MaxTokens gets at most 64 tokens.
func (m *Model) GenerateBatch(ctx context.Context, requests []undertone.Request) (responses []undertone.Response, err error) {
	defer tensor.Catch(&err)
	running := make([]*sequence, len(requests))
	for i, r := range requests {
		s, err := m.start(i, r)
		if err != nil {
			return nil, fmt.Errorf("request %d: %w", i, err)
		}
		running[i] = s
	}
	responses = make([]undertone.Response, len(requests))
	table := m.table(nil)
	tape := tensor.NewTape()
	var windows []int32
	for len(running) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		tape.Reset()
		windows = windows[:0]
		for _, s := range running {
			windows = m.window(windows, s.tokens)
		}
		picked := draw(tape, m.logits(tape, table, windows), running)
		still := running[:0]
		for i, s := range running {
			next := picked[i]
			if next != end {
				s.tokens = append(s.tokens, next)
			}
			if next != end && len(s.tokens) < s.limit {
				still = append(still, s)
				continue
			}
			responses[s.index] = undertone.Response{
				Text:      m.config.Vocabulary.Decode(s.tokens[s.prompt:]),
				Truncated: next != end,
			}
		}
		running = still
	}
	return responses, nil
}

func (m *Model) start(index int, r undertone.Request) (*sequence, error) {
	if r.MaxTokens < 0 || r.MaxTokens > maxCompletion {
		return nil, fmt.Errorf("nplm: the request has MaxTokens %d, want 0 to %d", r.MaxTokens, maxCompletion)
	}
	if t := r.Temperature; t != 0 && !(t >= minTemperature && t <= maxTemperature) {
		return nil, fmt.Errorf("nplm: temperature is %v, want 0 or %g to %g", t, minTemperature, maxTemperature)
	}
	tokens, _, err := m.config.Vocabulary.chat("", r.Messages, nil)
	if err != nil {
		return nil, err
	}
	length := r.MaxTokens
	if length == 0 {
		length = limit
	}
	return &sequence{
		index: index, tokens: tokens, prompt: len(tokens), limit: len(tokens) + length,
		temperature: r.Temperature, rng: rand.New(rand.NewPCG(r.Seed, 0x73616d706c65)),
	}, nil
}

// draw picks the next token for each row of logits [sequences V]: the most likely token at
// temperature 0, otherwise a sample of softmax(logits / temperature).
func draw(tape *tensor.Tape, logits *tensor.Tensor, running []*sequence) []int32 {
	picked := make([]int32, len(running))
	for i, s := range running {
		row := logits.Row(i)
		if s.temperature == 0 {
			for j, l := range row {
				if l > row[picked[i]] {
					picked[i] = int32(j)
				}
			}
			continue
		}
		for j := range row {
			row[j] /= float32(s.temperature)
		}
	}
	probabilities := tape.Softmax(logits)
	for i, s := range running {
		if s.temperature > 0 {
			picked[i] = pick(probabilities.Row(i), s.rng.Float32())
		}
	}
	return picked
}

// pick returns the first token at which the running sum of probabilities passes u.
func pick(probabilities []float32, u float32) int32 {
	last := 0
	for i, p := range probabilities {
		if p > 0 {
			if u -= p; u < 0 {
				return int32(i)
			}
			last = i
		}
	}
	return int32(last) // rounding: the sum is less than u
}

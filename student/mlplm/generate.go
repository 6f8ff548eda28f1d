package mlplm

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor"
)

// limit is the number of tokens of a completion whose request sets none.
const limit = 64

// maxCompletion bounds a completion, whatever the request says.
const maxCompletion = 1 << 16

// Generate implements [undertone.Model].
func (m *Model) Generate(ctx context.Context, r undertone.Request) (undertone.Response, error) {
	responses, err := m.GenerateBatch(ctx, []undertone.Request{r})
	if err != nil {
		return undertone.Response{}, err
	}
	return responses[0], nil
}

// sequence is one completion under way.
type sequence struct {
	index       int // of the request
	tokens      []int32
	prompt      int // tokens of the prompt
	limit       int // tokens of prompt and completion
	temperature float64
	rng         *rand.Rand
}

// GenerateBatch implements [undertone.BatchGenerator]. A completion depends on its
// own request alone, not on what else is in the batch. It runs on one goroutine.
func (m *Model) GenerateBatch(ctx context.Context, requests []undertone.Request) ([]undertone.Response, error) {
	running := make([]*sequence, len(requests))
	for i, r := range requests {
		s, err := m.start(i, r)
		if err != nil {
			return nil, fmt.Errorf("request %d: %w", i, err)
		}
		running[i] = s
	}
	responses := make([]undertone.Response, len(requests))
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
		logits := m.logits(tape, table, windows)
		still := running[:0]
		for i, s := range running {
			next := draw(logits.Row(i), s.temperature, s.rng)
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
		return nil, fmt.Errorf("mlplm: at most %d tokens, want 0 to %d", r.MaxTokens, maxCompletion)
	}
	if !(r.Temperature >= 0) || math.IsInf(r.Temperature, 0) {
		return nil, fmt.Errorf("mlplm: temperature is %v, want 0 or a positive number", r.Temperature)
	}
	// The prompt of a row ends where its completion begins.
	ask := undertone.Example{Messages: append(r.Messages[:len(r.Messages):len(r.Messages)], undertone.Message{})}
	tokens, err := m.config.Vocabulary.Encode(ask.Prompt())
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

// draw samples from softmax(logits / temperature); at temperature 0 it takes the largest.
func draw(logits []float32, temperature float64, rng *rand.Rand) int32 {
	best := 0
	for i, l := range logits {
		if l > logits[best] {
			best = i
		}
	}
	if temperature == 0 {
		return int32(best)
	}
	top := float64(logits[best])
	var total float64
	for _, l := range logits {
		total += math.Exp((float64(l) - top) / temperature)
	}
	u := rng.Float64() * total
	for i, l := range logits {
		if u -= math.Exp((float64(l) - top) / temperature); u < 0 {
			return int32(i)
		}
	}
	return int32(best) // u was lost to rounding
}

package lm

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// limit is the largest number of tokens of a completion if the request sets none.
const limit = 256

// Range of temperatures: dividing logits by them stays finite.
const minTemperature, maxTemperature = 1e-3, 1e3

// Limits of what is generated in one batch.
const (
	maxSequences = 64
	cacheBytes   = 512 << 20 // of keys and values
)

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
	index       int     // of the request
	prompt      []int32 // without its last token, which is fed first
	next        int32   // the token to feed
	completion  []int32
	continues   bool   // the prompt contains text
	spaces      string // before the completion; no part of it
	limit       int    // largest number of tokens of the completion
	temperature float64
	rng         *rand.Rand
}

// GenerateBatch implements [undertone.BatchGenerator]. A completion ends before the template's end
// token, the tokenizer's EOS or a stop text, and at the end of the context. A request without
// MaxTokens gets at most 256 tokens.
//
// Every request has a random stream of its own, so a batch gives the texts of single requests,
// unless rounding decides between two tokens: the rounding of sums may depend on the number of
// sequences in the batch. The same batch gives the same result.
func (m *Model) GenerateBatch(ctx context.Context, requests []undertone.Request) (responses []undertone.Response, err error) {
	defer tensor.Catch(&err)
	all := make([]*sequence, len(requests))
	for i, r := range requests {
		if all[i], err = m.start(i, r); err != nil {
			return nil, fmt.Errorf("request %d: %w", i, err)
		}
	}
	responses = make([]undertone.Response, len(requests))
	for len(all) > 0 {
		n := m.fitting(all)
		if err := m.complete(ctx, all[:n], responses); err != nil {
			return nil, err
		}
		all = all[n:]
	}
	return responses, nil
}

func (m *Model) start(index int, r undertone.Request) (*sequence, error) {
	if r.MaxTokens < 0 {
		return nil, fmt.Errorf("lm: the request has MaxTokens %d, want 0 or more", r.MaxTokens)
	}
	if t := r.Temperature; t != 0 && !(t >= minTemperature && t <= maxTemperature) {
		return nil, fmt.Errorf("lm: temperature is %v, want 0 or %g to %g", t, minTemperature, maxTemperature)
	}
	w, err := m.prompt(r.Messages)
	if err != nil {
		return nil, err
	}
	room := m.net.Config().Context - len(w.ids)
	switch {
	case len(w.ids) == 0:
		return nil, errors.New("lm: the prompt is empty, and the tokenizer has neither BOS nor EOS to begin with")
	case room < 1:
		return nil, fmt.Errorf("lm: the prompt: %w", m.fits(len(w.ids)+1))
	}
	most := r.MaxTokens
	if most == 0 {
		most = limit
	}
	last := len(w.ids) - 1
	return &sequence{
		index: index, prompt: w.ids[:last], next: w.ids[last], continues: w.place != atStart, spaces: w.spaces,
		limit: min(most, room), temperature: r.Temperature, rng: stream(r.Seed, "sample"),
	}, nil
}

// fitting returns the number of first sequences whose keys and values fit the memory.
func (m *Model) fitting(all []*sequence) int {
	c := m.net.Config()
	each := 2 * 4 * c.Layers * c.KVHeads * c.HeadDim // bytes of a token
	longest := 0
	for n, s := range all[:min(len(all), maxSequences)] {
		// A cache grows by doubling.
		longest = max(longest, 2*(len(s.prompt)+1+s.limit))
		if n > 0 && (n+1)*longest > cacheBytes/each {
			return n
		}
	}
	return min(len(all), maxSequences)
}

// complete generates the completions of sequences in one batch.
func (m *Model) complete(ctx context.Context, running []*sequence, responses []undertone.Response) error {
	s, err := m.session(ctx, running)
	if err != nil {
		return err
	}
	tape := tensor.NewTape()
	for len(running) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		next := make([][]int32, len(running))
		for i, q := range running {
			next[i] = []int32{q.next}
		}
		picked := m.settings.Sampling.draw(tape, s.Extend(next), running)
		var still []*sequence
		var kept []int
		for i, q := range running {
			if r, done := m.step(q, picked[i]); done {
				responses[q.index] = r
				continue
			}
			still, kept = append(still, q), append(kept, i)
		}
		if len(still) < len(running) {
			s.Keep(kept)
		}
		running = still
	}
	return nil
}

// session reads the prompts without their last tokens. It reads a prompt of several sequences once.
func (m *Model) session(ctx context.Context, running []*sequence) (*transformer.Session, error) {
	var prompts [][]int32
	of := make([]int, len(running)) // the prompt of each sequence
	for i, q := range running {
		of[i] = slices.IndexFunc(prompts, func(p []int32) bool { return slices.Equal(p, q.prompt) })
		if of[i] < 0 {
			of[i] = len(prompts)
			prompts = append(prompts, q.prompt)
		}
	}
	s := m.net.NewSession(len(prompts))
	if err := m.read(ctx, s, prompts); err != nil {
		return nil, err
	}
	place := make([]int, len(running)) // of each sequence in the session
	taken := make([]bool, len(prompts))
	for i, p := range of {
		if place[i] = p; taken[p] {
			place[i] = s.Len()
			s.Fork(p, 1)
		}
		taken[p] = true
	}
	s.Keep(place)
	return s, nil
}

// step adds a token to a completion and reports whether the completion is done.
func (m *Model) step(q *sequence, token int32) (r undertone.Response, done bool) {
	ended := slices.Contains(m.ends, token)
	if !ended {
		q.next, q.completion = token, append(q.completion, token)
	}
	full := len(q.completion) >= q.limit
	if !ended && !full && len(m.settings.Sampling.Stop) == 0 {
		return r, false
	}
	text, stopped := m.settings.Sampling.cut(strings.TrimPrefix(m.spell(q.completion, q.continues), q.spaces))
	return undertone.Response{Text: text, Truncated: full && !ended && !stopped}, ended || full || stopped
}

package lm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// limit is the number of tokens of a completion whose request sets none.
const limit = 256

// Temperatures between which dividing logits by them stays finite.
const minTemperature, maxTemperature = 1e-3, 1e3

// Bounds on what is generated side by side.
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

// sequence is one completion under way.
type sequence struct {
	index       int     // of the request
	prompt      []int32 // without its last token, which is the first to be fed
	next        int32   // token to feed
	completion  []int32
	continues   bool // the prompt has text
	limit       int  // tokens of the completion
	temperature float64
	rng         *rand.Rand
}

// GenerateBatch implements [undertone.BatchGenerator]. A completion ends before the template's
// last token, the tokenizer's EOS or a stop text, or where the context does; a request without
// MaxTokens gets at most 256. Every request draws from a stream of its own, so that a batch
// gives the texts of single requests as long as the rounding of sums, which may depend
// on how many sequences run side by side, does not decide between two tokens. One batch, one
// result.
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
		n := m.sideBySide(all)
		if err := m.complete(ctx, all[:n], responses); err != nil {
			return nil, err
		}
		all = all[n:]
	}
	return responses, nil
}

func (m *Model) start(index int, r undertone.Request) (*sequence, error) {
	if r.MaxTokens < 0 {
		return nil, fmt.Errorf("lm: at most %d tokens, want 0 or more", r.MaxTokens)
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
		return nil, fmt.Errorf("lm: the prompt is empty and the tokenizer has no token to begin with")
	case room < 1:
		return nil, fmt.Errorf("lm: the prompt: %w", m.fits(len(w.ids)+1))
	}
	most := r.MaxTokens
	if most == 0 {
		most = limit
	}
	last := len(w.ids) - 1
	return &sequence{
		index: index, prompt: w.ids[:last], next: w.ids[last], continues: w.place != atStart,
		limit: min(most, room), temperature: r.Temperature, rng: stream(r.Seed, "sample"),
	}, nil
}

// sideBySide returns how many of the first sequences fit the memory for keys and values.
func (m *Model) sideBySide(all []*sequence) int {
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

// complete generates the completions of sequences side by side.
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

// session reads the prompts but for their last tokens; one that several sequences have is read once.
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

// step adds a token to a completion and says whether it is done.
func (m *Model) step(q *sequence, token int32) (r undertone.Response, done bool) {
	ended := slices.Contains(m.ends, token)
	if !ended {
		q.next, q.completion = token, append(q.completion, token)
	}
	full := len(q.completion) >= q.limit
	if !ended && !full && len(m.settings.Sampling.Stop) == 0 {
		return r, false
	}
	text, stopped := m.settings.Sampling.cut(m.spell(q.completion, q.continues))
	return undertone.Response{Text: text, Truncated: full && !ended && !stopped}, ended || full || stopped
}

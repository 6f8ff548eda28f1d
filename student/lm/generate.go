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
	sampling    Sampling
	ends        []int32 // tokens that end the completion
	index       int     // of the request
	prompt      []int32 // without its last token, which is fed first
	next        int32   // the token to feed
	completion  []int32
	continues   bool   // the prompt contains text
	spaces      string // before the completion; no part of it
	limit       int    // largest number of tokens of the completion
	temperature float64
	rng         *rand.Rand

	// observe sees each token, the logits of its position, and log Σexp(logits); nil for none.
	observe func(token int32, logits []float32, norm float32)
}

// ending says why a completion ended.
type ending struct {
	text  string // without the token or the text that ended it
	token int32  // of the sequence's ends, -1 if none ended it
	stop  string // text of [Sampling].Stop that ended it, "" if none did
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
		err := m.complete(ctx, all[:n], func(q *sequence, e ending) {
			responses[q.index] = undertone.Response{Text: e.text, Truncated: e.token < 0 && e.stop == ""}
		})
		if err != nil {
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
	w, err := m.prompt(r.Messages)
	if err != nil {
		return nil, err
	}
	most := r.MaxTokens
	if most == 0 {
		most = limit
	}
	q, err := m.sequence(index, w.ids, most, r.Temperature, r.Seed)
	if err != nil {
		return nil, err
	}
	q.continues, q.spaces = w.place != atStart, w.spaces
	q.sampling, q.ends = m.settings.Sampling, m.ends
	return q, nil
}

// sequence returns a completion of a prompt with at most the given number of tokens.
func (m *Model) sequence(index int, prompt []int32, most int, temperature float64, seed uint64) (*sequence, error) {
	if t := temperature; t != 0 && !(t >= minTemperature && t <= maxTemperature) {
		return nil, fmt.Errorf("lm: temperature is %v, want 0 or %g to %g", t, minTemperature, maxTemperature)
	}
	room := m.net.Config().Context - len(prompt)
	switch {
	case len(prompt) == 0:
		return nil, errors.New("lm: the prompt is empty, and the tokenizer has neither BOS nor EOS to begin with")
	case room < 1:
		return nil, fmt.Errorf("lm: the prompt: %w", m.fits(len(prompt)+1))
	}
	last := len(prompt) - 1
	return &sequence{
		index: index, prompt: prompt[:last], next: prompt[last],
		limit: min(most, room), temperature: temperature, rng: stream(seed, "sample"),
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

// complete generates the completions of sequences in one batch. It calls done with each sequence
// that has ended.
func (m *Model) complete(ctx context.Context, running []*sequence, done func(*sequence, ending)) error {
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
		tape.Reset()
		logits := s.Extend(next)
		logs := observed(tape, logits, running)
		picked := draw(tape, logits, running)
		var still []*sequence
		var kept []int
		for i, q := range running {
			if q.observe != nil {
				q.observe(picked[i], logs[i], 0)
			}
			if e, ended := m.step(q, picked[i]); ended {
				done(q, e)
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
func (m *Model) step(q *sequence, token int32) (e ending, done bool) {
	ended := slices.Contains(q.ends, token)
	if e.token = -1; ended {
		e.token = token
	} else {
		q.next, q.completion = token, append(q.completion, token)
	}
	full := len(q.completion) >= q.limit
	if !ended && !full && len(q.sampling.Stop) == 0 {
		return e, false
	}
	e.text, e.stop = q.sampling.cut(strings.TrimPrefix(m.spell(q.completion, q.continues), q.spaces))
	return e, ended || full || e.stop != ""
}

// observed returns the log-probabilities of all tokens for each sequence that is observed. They are
// in memory of the tape.
func observed(tape *tensor.Tape, logits *tensor.Tensor, running []*sequence) [][]float32 {
	logs := make([][]float32, len(running))
	for i, q := range running {
		if q.observe != nil {
			row := logits.Row(i)
			logs[i] = tape.LogSoftmax(tensor.FromSlice(row, 1, len(row))).Data()
		}
	}
	return logs
}

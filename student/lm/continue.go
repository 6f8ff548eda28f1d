package lm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor"
)

// Prompt is the tokens before a completion.
type Prompt struct {
	IDs    []int32
	Spaces string // that the template writes before an answer: the first token has them, the answer does not
}

// EncodePrompt returns the tokens of the messages before an answer, as [Model.Generate] reads them.
func (m *Model) EncodePrompt(messages []undertone.Message) (Prompt, error) {
	w, err := m.prompt(messages)
	if err != nil {
		return Prompt{}, err
	}
	return Prompt{IDs: w.ids, Spaces: w.spaces}, nil
}

// TokenRequest asks for a completion of tokens.
type TokenRequest struct {
	Prompt      Prompt
	MaxTokens   int     // of the completion, >= 1; a completion also ends at the end of the context
	Temperature float64 // as in [undertone.Request]
	Seed        uint64
	Sampling    Sampling
	StopIDs     []int32 // tokens that end the completion, besides those of [Model.Generate]
	IgnoreEnd   bool    // the tokens that end a completion of [Model.Generate] do not end this one

	// Ranked asks for the log-probabilities of each token of the completion, of the Top most likely
	// tokens at its position, and of the tokens in Watched.
	Ranked  bool
	Top     int
	Watched []int32
}

// Completion is the answer to a [TokenRequest].
type Completion struct {
	IDs    []int32         // with the token that ended the completion
	Text   string          // without the token or the text that ended the completion
	EndID  int32           // the token that ended the completion; -1 if none did
	Stop   string          // the text of [Sampling].Stop that ended the completion; "" if none did
	Ranked [][]RankedToken // for each of IDs: the token, then the most likely ones, then the watched ones, without repetition
}

// Truncated reports whether the completion ended at MaxTokens or at the end of the context.
func (c Completion) Truncated() bool { return c.EndID < 0 && c.Stop == "" }

// Complete returns a completion of each prompt. For the tokens that [Model.EncodePrompt] returns,
// and the sampling of the model, it returns the texts of [Model.GenerateBatch]. Log-probabilities
// are those of the model, whatever the temperature.
func (m *Model) Complete(ctx context.Context, requests []TokenRequest) (completions []Completion, err error) {
	defer tensor.Catch(&err)
	all := make([]*sequence, len(requests))
	completions = make([]Completion, len(requests))
	for i, r := range requests {
		if all[i], err = m.continuing(i, r, &completions[i]); err != nil {
			return nil, fmt.Errorf("request %d: %w", i, err)
		}
	}
	for len(all) > 0 {
		n := m.fitting(all)
		err := m.complete(ctx, all[:n], func(q *sequence, e ending) {
			c := &completions[q.index]
			c.IDs, c.Text, c.EndID, c.Stop = q.completion, e.text, e.token, e.stop
			if e.token >= 0 {
				c.IDs = append(c.IDs, e.token)
			}
		})
		if err != nil {
			return nil, err
		}
		all = all[n:]
	}
	return completions, nil
}

// continuing returns the sequence of a request, which stores its log-probabilities in c.
func (m *Model) continuing(index int, r TokenRequest, c *Completion) (*sequence, error) {
	if r.MaxTokens < 1 {
		return nil, fmt.Errorf("lm: the request has MaxTokens %d, want 1 or more", r.MaxTokens)
	}
	if r.Top < 0 {
		return nil, errors.New("lm: the request has a negative Top")
	}
	if err := r.Sampling.check(); err != nil {
		return nil, err
	}
	for _, ids := range [][]int32{r.Prompt.IDs, r.StopIDs, r.Watched} {
		if err := m.known(ids); err != nil {
			return nil, err
		}
	}
	q, err := m.sequence(index, r.Prompt.IDs, r.MaxTokens, r.Temperature, r.Seed)
	if err != nil {
		return nil, err
	}
	q.continues = len(q.prompt) > 0 || q.next != m.begin
	q.spaces, q.sampling, q.ends = r.Prompt.Spaces, r.Sampling, r.StopIDs
	if !r.IgnoreEnd {
		q.ends = slices.Concat(m.ends, r.StopIDs)
	}
	if r.Ranked {
		q.observe = func(token int32, logs []float32) {
			c.Ranked = append(c.Ranked, addRanked(rank(logs, 0, token, r.Top), logs, r.Watched))
		}
	}
	return q, nil
}

// addRanked appends the tokens that are not in ranked yet.
func addRanked(ranked []RankedToken, logs []float32, ids []int32) []RankedToken {
	for _, id := range ids {
		if !slices.ContainsFunc(ranked, func(r RankedToken) bool { return r.ID == id }) {
			ranked = append(ranked, rankOf(logs, 0, id))
		}
	}
	return ranked
}

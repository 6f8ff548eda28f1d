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

// TokenRequest asks for a completion of tokens, and for scores.
type TokenRequest struct {
	Prompt      Prompt
	MaxTokens   int     // of the completion, >= 0; a completion also ends at the end of the context
	Temperature float64 // as in [undertone.Request]
	Seed        uint64
	Sampling    Sampling
	StopIDs     []int32 // tokens that end the completion, besides those of [Model.Generate]
	IgnoreEnd   bool    // the tokens that end a completion of [Model.Generate] do not end this one

	// ScorePrompt asks for the log-probabilities of the prompt's tokens from token PromptFrom on, and
	// of the PromptTop most likely tokens at their positions.
	ScorePrompt bool
	PromptFrom  int // index in the prompt, [0, len(Prompt.IDs)]
	PromptTop   int

	// Score asks for the log-probabilities of the completion's tokens, of the Top most likely tokens
	// at their positions, and of the tokens in Watched.
	Score   bool
	Top     int
	Watched []int32
}

// Completion is the answer to a [TokenRequest]. Log-probabilities are those of the model, whatever
// the temperature. A position has its own token first, then the most likely ones in descending
// order, then the watched ones, each token once.
type Completion struct {
	IDs    []int32         // with the token that ended the completion
	Text   string          // without the token or the text that ended the completion
	EndID  int32           // the token that ended the completion; -1 if none did
	Stop   string          // the text of [Sampling].Stop that ended the completion; "" if none did
	Ranked [][]RankedToken // for each of IDs; nil if the request has no Score

	// PromptRanked has an entry for each token of the prompt, nil for those before PromptFrom and for
	// the first one, which nothing predicts. It is nil if the request has no ScorePrompt.
	PromptRanked [][]RankedToken
}

// Truncated reports whether the completion ended at MaxTokens or at the end of the context.
func (c Completion) Truncated() bool { return c.EndID < 0 && c.Stop == "" }

// Complete completes and scores prompts. For the tokens of [Model.EncodePrompt] and the sampling of
// the model it returns the texts of [Model.GenerateBatch], and for the tokens of [Model.Encode] the
// log-probabilities of [Model.TokenLogProbs]. Prompts of similar length are read together. A
// prompt that is scored and completed with its most likely next token is read once.
func (m *Model) Complete(ctx context.Context, requests []TokenRequest) (completions []Completion, err error) {
	defer tensor.Catch(&err)
	completions = make([]Completion, len(requests))
	var scored []*scoredPrompt
	var running []*sequence
	for i, r := range requests {
		prompt, q, err := m.startTokens(i, r, &completions[i])
		if err != nil {
			return nil, fmt.Errorf("request %d: %w", i, err)
		}
		if prompt != nil {
			scored = append(scored, prompt)
		}
		if q != nil {
			running = append(running, q)
		}
	}
	if err := m.scorePrompts(ctx, scored); err != nil {
		return nil, err
	}
	for len(running) > 0 {
		n := m.fitting(running)
		if err := m.complete(ctx, running[:n], func(q *sequence, e ending) { completions[q.index].end(q, e) }); err != nil {
			return nil, err
		}
		running = running[n:]
	}
	return completions, nil
}

// startTokens returns the prompt that a request scores, and the sequence that it completes; nil for
// none. Their results become those of c. A completion of one token, the most likely one, needs no
// sequence if the prompt is scored.
func (m *Model) startTokens(index int, r TokenRequest, c *Completion) (*scoredPrompt, *sequence, error) {
	c.EndID = -1
	if err := m.checkRequest(r); err != nil {
		return nil, nil, err
	}
	var q *sequence
	if r.MaxTokens > 0 {
		var err error
		if q, err = m.continuing(index, r, c); err != nil {
			return nil, nil, err
		}
	}
	if !r.ScorePrompt {
		return nil, q, nil
	}
	c.PromptRanked = make([][]RankedToken, len(r.Prompt.IDs))
	scored := &scoredPrompt{ids: r.Prompt.IDs, from: r.PromptFrom, top: r.PromptTop, ranked: c.PromptRanked}
	if q == nil || q.limit > 1 || r.Temperature != 0 {
		return scored, q, nil
	}
	scored.next = func(logits []float32, norm float32) { m.completeOnce(q, logits, norm, c) }
	return scored, nil, nil
}

// checkRequest returns an error for a request that is wrong in itself.
func (m *Model) checkRequest(r TokenRequest) error {
	switch {
	case r.MaxTokens < 0:
		return fmt.Errorf("lm: the request has MaxTokens %d, want 0 or more", r.MaxTokens)
	case r.Top < 0 || r.PromptTop < 0:
		return errors.New("lm: the request has a negative number of most likely tokens")
	case len(r.Prompt.IDs) == 0:
		return errors.New("lm: the prompt is empty")
	case r.PromptFrom < 0 || r.PromptFrom > len(r.Prompt.IDs):
		return fmt.Errorf("lm: the first token to score is %d, want 0 to %d", r.PromptFrom, len(r.Prompt.IDs))
	}
	if err := r.Sampling.check(); err != nil {
		return err
	}
	for _, ids := range [][]int32{r.Prompt.IDs, r.StopIDs, r.Watched} {
		if err := m.known(ids); err != nil {
			return err
		}
	}
	return m.fits(len(r.Prompt.IDs))
}

// continuing returns the sequence of a request, whose scores become those of c.
func (m *Model) continuing(index int, r TokenRequest, c *Completion) (*sequence, error) {
	q, err := m.sequence(index, r.Prompt.IDs, r.MaxTokens, r.Temperature, r.Seed)
	if err != nil {
		return nil, err
	}
	q.continues = len(q.prompt) > 0 || q.next != m.begin
	q.spaces, q.sampling, q.ends = r.Prompt.Spaces, r.Sampling, r.StopIDs
	if !r.IgnoreEnd {
		q.ends = slices.Concat(m.ends, r.StopIDs)
	}
	if r.Score {
		q.observe = func(token int32, logits []float32, norm float32) {
			c.Ranked = append(c.Ranked, addRanked(rank(logits, norm, token, r.Top), logits, norm, r.Watched))
		}
	}
	return q, nil
}

// completeOnce ends a sequence of one token, the most likely one.
func (m *Model) completeOnce(q *sequence, logits []float32, norm float32, c *Completion) {
	token := largest(logits)
	if q.observe != nil {
		q.observe(token, logits, norm)
	}
	e, _ := m.step(q, token)
	c.end(q, e)
}

// end stores a completion that has ended.
func (c *Completion) end(q *sequence, e ending) {
	c.IDs, c.Text, c.EndID, c.Stop = q.completion, e.text, e.token, e.stop
	if e.token >= 0 {
		c.IDs = append(c.IDs, e.token)
	}
}

package remote

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync/atomic"
)

// vllm speaks the protocol of vLLM (entrypoints/openai/completion/protocol.py and
// entrypoints/scale_out/render, version 0.32). Rows go over the wire as token IDs.
type vllm struct {
	*caller
	model string          // the base model or an adapter
	names map[string]bool // by which the server may call it: that of the base model may be its first one
	ends  bool            // the server is of package serve, which scores the ends of prompts

	tokenizer   atomic.Int32           // which endpoint renders; see renderers
	fingerprint atomic.Pointer[string] // of the first answer; nil before one
}

func newVLLM(c *caller, of Listed, names map[string]bool) protocol {
	v := &vllm{caller: c, model: of.ID, names: names, ends: of.OwnedBy == ownServer}
	return protocol{score: v.score, pads: v.ends, next: v.next, extend: v.extend, generate: v.generate, render: v.render, tokenize: v.tokenize, detokenize: v.detokenize}
}

// sampling holds the parameters that a server may otherwise take from a file of the model. With
// these it samples from the distribution of the model.
type sampling struct {
	Temperature       float64 `json:"temperature"`
	TopP              float64 `json:"top_p"`
	TopK              int     `json:"top_k"`
	MinP              float64 `json:"min_p"`
	RepetitionPenalty float64 `json:"repetition_penalty"`
	Seed              *int64  `json:"seed,omitempty"`
	MaxTokens         int     `json:"max_tokens,omitempty"`
	N                 int     `json:"n"`
	Stream            bool    `json:"stream"`
}

func plainSampling(temperature float64, maxTokens int) sampling {
	return sampling{Temperature: temperature, TopP: 1, RepetitionPenalty: 1, MaxTokens: maxTokens, N: 1}
}

// signedSeed returns a seed in the range of a signed number.
func signedSeed(seed uint64) *int64 {
	s := int64(seed & math.MaxInt64)
	return &s
}

type vllmCompletion struct {
	Model            string  `json:"model"`
	Prompt           any     `json:"prompt"`
	PromptLogProbs   *int    `json:"prompt_logprobs,omitempty"`
	LogProbs         *int    `json:"logprobs,omitempty"`
	LogProbTokenIDs  []int32 `json:"logprob_token_ids,omitempty"`
	ReturnTokenIDs   bool    `json:"return_token_ids"`
	ReturnAsTokenIDs bool    `json:"return_tokens_as_token_ids,omitempty"`
	AddSpecialTokens bool    `json:"add_special_tokens"`
	IgnoreEOS        bool    `json:"ignore_eos,omitempty"`
	sampling
}

// vllmEndScores asks a server of package serve for the log-probabilities of the tokens behind one
// token of each prompt, and for no completion. vLLM scores all tokens and generates one.
type vllmEndScores struct {
	vllmCompletion
	Echo      bool  `json:"echo"`
	MaxTokens int   `json:"max_tokens"`           // 0, which vLLM takes for 1
	Starts    []int `json:"prompt_logprob_start"` // the last tokens without a score
}

// complete sends a request for completions and returns its n choices in order.
func (v *vllm) complete(ctx context.Context, body any, n int, tokens tokenCount) ([]vllmChoice, error) {
	var r vllmResponse
	q := request{method: http.MethodPost, path: completionsPath, body: body, tokens: tokens, rows: n, model: v.model}
	if err := v.do(ctx, q, &r); err != nil {
		return nil, err
	}
	if !v.names[r.Model] {
		return nil, v.misfit(completionsPath, scorerError("the model %.80q answered, not %.80q", r.Model, v.model))
	}
	if err := v.unchanged(r.Fingerprint); err != nil {
		return nil, v.misfit(completionsPath, err)
	}
	choices, err := inOrder(r.Choices, n, func(c vllmChoice) int { return c.Index })
	if err != nil {
		return nil, v.misfit(completionsPath, err)
	}
	return choices, nil
}

// unchanged returns an error if another model, or another configuration of the server, answers than
// before. A server that states no fingerprint passes.
func (v *vllm) unchanged(fingerprint string) error {
	if fingerprint == "" || v.fingerprint.CompareAndSwap(nil, &fingerprint) {
		return nil
	}
	if was := *v.fingerprint.Load(); was != fingerprint {
		return scorerError("the model %.80q was exchanged during the run: its system_fingerprint was %.80q and is %.80q", v.model, was, fingerprint)
	}
	return nil
}

func (v *vllm) score(ctx context.Context, list []scoreQuery) ([]scoreAnswer, error) {
	body, count := v.scoreBody(list)
	choices, err := v.complete(ctx, body, len(list), count)
	if err != nil {
		return nil, err
	}
	answers := make([]scoreAnswer, len(list))
	for i, c := range choices {
		if answers[i], err = c.scores(list[i], v.ends); err != nil {
			return nil, v.misfit(completionsPath, fmt.Errorf("prompt %d of %d: %w", i+1, len(list), err))
		}
	}
	return answers, nil
}

// scoreBody returns the body of a request for scores, and the tokens that it costs.
func (v *vllm) scoreBody(list []scoreQuery) (body any, count tokenCount) {
	prompts, starts := make([][]int32, len(list)), make([]int, len(list))
	for i, q := range list {
		prompts[i], starts[i] = q.IDs, q.From-1
		count.in += int64(len(q.IDs))
	}
	all := vllmCompletion{Model: v.model, Prompt: prompts, PromptLogProbs: new(int), ReturnTokenIDs: true, sampling: plainSampling(0, 1)}
	if v.ends {
		return vllmEndScores{vllmCompletion: all, Echo: true, Starts: starts}, count
	}
	count.out = int64(len(list))
	return all, count
}

// scores returns the log-probabilities of the tokens of a prompt. It checks that they belong to
// them: these are the first two checks of package doctor. With ends, tokens that the query does not
// ask for may have none.
func (c vllmChoice) scores(q scoreQuery, ends bool) (scoreAnswer, error) {
	if err := checkIDs(q.IDs, c.PromptTokenIDs); err != nil {
		return scoreAnswer{}, err
	}
	switch n := len(c.PromptLogProbs); {
	case n == 0:
		return scoreAnswer{}, scorerError("there are no log-probabilities of the prompt (prompt_logprobs)")
	case n != len(q.IDs):
		return scoreAnswer{}, scorerError("%d log-probabilities for %d tokens", n, len(q.IDs))
	case c.PromptLogProbs[0] != nil:
		return scoreAnswer{}, scorerError("the first token, which nothing precedes, has a log-probability: the list may be shifted by one")
	}
	a := scoreAnswer{LogProbs: make([]float64, 0, len(q.IDs)-q.From), Tokens: make([]string, 0, len(q.IDs)-q.From)}
	for i := 1; i < len(q.IDs); i++ {
		if ends && i < q.From && c.PromptLogProbs[i] == nil {
			continue
		}
		own := c.PromptLogProbs[i].of(q.IDs[i])
		if own == nil {
			return a, scorerError("token %d is %d, and its entry has no log-probability of it: the list may be shifted, or of another prompt", i, q.IDs[i])
		}
		l, err := checkLogProb(own.logProb(), i)
		if err != nil {
			return a, err
		}
		if i < q.From {
			continue
		}
		a.LogProbs = append(a.LogProbs, l)
		if !own.spelled {
			a.Tokens = nil
		} else if a.Tokens != nil {
			a.Tokens = append(a.Tokens, own.Token)
		}
	}
	return a, nil
}

// next uses logprob_token_ids, which gives the exact log-probabilities of given tokens at a
// generated position.
func (v *vllm) next(ctx context.Context, q nextQuery) ([]float64, error) {
	body := vllmCompletion{Model: v.model, Prompt: [][]int32{q.IDs}, LogProbs: new(int), LogProbTokenIDs: q.Tokens, ReturnTokenIDs: true, ReturnAsTokenIDs: true, sampling: plainSampling(0, 1)}
	choices, err := v.complete(ctx, body, 1, tokenCount{int64(len(q.IDs)), 1})
	if err != nil {
		return nil, err
	}
	logs, err := choices[0].next(q)
	if err != nil {
		return nil, v.misfit(completionsPath, err)
	}
	return logs, nil
}

func (c vllmChoice) next(q nextQuery) ([]float64, error) {
	if err := checkIDs(q.IDs, c.PromptTokenIDs); err != nil {
		return nil, err
	}
	if c.LogProbs == nil || len(c.LogProbs.TopLogProbs) != 1 {
		return nil, scorerError("there are no log-probabilities of the tokens that were asked for (logprob_token_ids)")
	}
	logs := make([]float64, len(q.Tokens))
	for i, id := range q.Tokens {
		l, err := checkLogProb(c.LogProbs.TopLogProbs[0]["token_id:"+strconv.Itoa(int(id))], len(q.IDs))
		if err != nil {
			return nil, fmt.Errorf("answer token %d: %w", id, err)
		}
		logs[i] = l
	}
	return logs, nil
}

func (v *vllm) extend(ctx context.Context, q extendQuery) (extension, error) {
	body := vllmCompletion{Model: v.model, Prompt: [][]int32{q.IDs}, LogProbs: new(int), ReturnTokenIDs: true, IgnoreEOS: true, sampling: plainSampling(0, q.N)}
	choices, err := v.complete(ctx, body, 1, tokenCount{int64(len(q.IDs)), int64(q.N)})
	if err != nil {
		return extension{}, err
	}
	c := choices[0]
	if err := checkIDs(q.IDs, c.PromptTokenIDs); err != nil {
		return extension{}, v.misfit(completionsPath, err)
	}
	e := extension{IDs: c.TokenIDs}
	if c.LogProbs == nil || len(c.LogProbs.TokenLogProbs) != len(c.TokenIDs) || len(c.TokenIDs) == 0 || len(c.TokenIDs) > q.N {
		return e, v.misfit(completionsPath, scorerError("%d tokens were generated, at most %d were asked for; each needs its ID and its log-probability", len(c.TokenIDs), q.N))
	}
	for i, l := range c.LogProbs.TokenLogProbs {
		log, err := checkLogProb(l, i)
		if err != nil {
			return e, v.misfit(completionsPath, err)
		}
		e.LogProbs = append(e.LogProbs, log)
	}
	return e, nil
}

func (v *vllm) generate(ctx context.Context, q generateQuery) (generated, error) {
	s := plainSampling(q.Temperature, q.MaxTokens)
	if q.Temperature > 0 {
		s.Seed = signedSeed(q.Seed)
	}
	if q.Messages != nil {
		return chat(ctx, v.caller, v.names, chatBody{chatRequest{v.model, wireMessages(q.Messages)}, s}, v.model, q)
	}
	body := vllmCompletion{Model: v.model, Prompt: q.Text, AddSpecialTokens: true, ReturnTokenIDs: true, sampling: s}
	if q.IDs != nil {
		body.Prompt, body.AddSpecialTokens = [][]int32{q.IDs}, false
	}
	if body.MaxTokens == 0 { // 16 otherwise
		body.MaxTokens = defaultMaxTokens
	}
	choices, err := v.complete(ctx, body, 1, tokenCount{int64(len(q.IDs) + len(q.Text)/4), int64(q.MaxTokens)})
	if err != nil {
		return generated{}, err
	}
	if q.IDs != nil {
		if err := checkIDs(q.IDs, choices[0].PromptTokenIDs); err != nil {
			return generated{}, v.misfit(completionsPath, err)
		}
	}
	return generated{choices[0].Text, choices[0].FinishReason == "length"}, nil
}

// defaultMaxTokens is the largest number of tokens of a completion where the protocol needs one and
// the request has none.
const defaultMaxTokens = 1024

package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// sglang speaks /generate of SGLang (srt/managers/io_struct.py). Rows go over the wire as token
// IDs.
type sglang struct {
	*caller
	adapter string // lora_path, or ""
}

func newSGLang(c *caller, of Listed) protocol {
	s := &sglang{caller: c}
	if of.Parent != "" {
		s.adapter = of.ID
	}
	return protocol{score: s.score, next: s.next, extend: s.extend, generate: s.generate, tokenize: s.tokenize, detokenize: s.detokenize}
}

type sglangRequest struct {
	InputIDs        any            `json:"input_ids,omitempty"`
	Text            string         `json:"text,omitempty"`
	Sampling        sglangSampling `json:"sampling_params"`
	ReturnLogProb   bool           `json:"return_logprob"`
	LogProbStart    *int           `json:"logprob_start_len,omitempty"` // only generated tokens without it
	TokenIDsLogProb []int32        `json:"token_ids_logprob,omitempty"`
	ReturnText      bool           `json:"return_text_in_logprobs,omitempty"`
	LoRAPath        string         `json:"lora_path,omitempty"`
	Stream          bool           `json:"stream"`
}

type sglangSampling struct {
	MaxNewTokens int     `json:"max_new_tokens"`
	Temperature  float64 `json:"temperature"`
	TopP         float64 `json:"top_p"`
	TopK         int     `json:"top_k"`
	MinP         float64 `json:"min_p"`
	IgnoreEOS    bool    `json:"ignore_eos,omitempty"`
	Seed         *int64  `json:"sampling_seed,omitempty"`
}

func newSGLangSampling(temperature float64, n int) sglangSampling {
	return sglangSampling{MaxNewTokens: n, Temperature: temperature, TopP: 1, TopK: -1}
}

type sglangResponse struct {
	Text      string  `json:"text"`
	OutputIDs []int32 `json:"output_ids"`
	Meta      struct {
		Finish struct {
			Type string `json:"type"`
		} `json:"finish_reason"`
		PromptTokens     int64           `json:"prompt_tokens"`
		CompletionTokens int64           `json:"completion_tokens"`
		Input            []sglangEntry   `json:"input_token_logprobs"`
		Output           []sglangEntry   `json:"output_token_logprobs"`
		Given            [][]sglangEntry `json:"output_token_ids_logprobs"`
	} `json:"meta_info"`
}

// sglangEntry is a token with its log-probability, as the list [log-probability, ID, text].
type sglangEntry struct {
	LogProb *float64
	ID      int32
	Text    *string
}

// UnmarshalJSON implements [json.Unmarshaler].
func (e *sglangEntry) UnmarshalJSON(text []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	if len(list) < 2 || len(list) > 3 {
		return fmt.Errorf("an entry of %d values, want a log-probability, an ID and a text", len(list))
	}
	to := []any{&e.LogProb, &e.ID, &e.Text}
	for i, part := range list {
		if err := json.Unmarshal(part, to[i]); err != nil {
			return err
		}
	}
	return nil
}

// sglangResponses are the responses to a list of prompts.
type sglangResponses []sglangResponse

func (all *sglangResponses) tokens() (n tokenCount) {
	for _, r := range *all {
		n.in, n.out = n.in+r.Meta.PromptTokens, n.out+r.Meta.CompletionTokens
	}
	return n
}

const sglangPath = "/generate"

func (s *sglang) ask(ctx context.Context, body sglangRequest, n int, tokens tokenCount) (sglangResponses, error) {
	body.LoRAPath = s.adapter
	q := request{method: http.MethodPost, path: sglangPath, body: body, tokens: tokens, rows: n, model: "adapter " + s.adapter}
	var all sglangResponses
	if err := s.do(ctx, q, &all); err != nil {
		return nil, err
	}
	if len(all) != n {
		return nil, s.misfit(q.path, scorerError("%d responses for %d prompts", len(all), n))
	}
	return all, nil
}

func (s *sglang) unfit(err error) error {
	return s.misfit(sglangPath, err)
}

func (s *sglang) score(ctx context.Context, list []scoreQuery) ([]scoreAnswer, error) {
	prompts, count := make([][]int32, len(list)), tokenCount{out: int64(len(list))}
	for i, q := range list {
		prompts[i] = q.IDs
		count.in += int64(len(q.IDs))
	}
	all, err := s.ask(ctx, sglangRequest{InputIDs: prompts, Sampling: newSGLangSampling(0, 1), ReturnLogProb: true, LogProbStart: new(int), ReturnText: true}, len(list), count)
	if err != nil {
		return nil, err
	}
	answers := make([]scoreAnswer, len(list))
	for i, r := range all {
		if answers[i], err = r.scores(list[i]); err != nil {
			return nil, s.unfit(fmt.Errorf("prompt %d of %d: %w", i+1, len(list), err))
		}
	}
	return answers, nil
}

func (r sglangResponse) scores(q scoreQuery) (scoreAnswer, error) {
	entries := r.Meta.Input
	if len(entries) == 0 {
		return scoreAnswer{}, scorerError("there are no log-probabilities of the prompt (input_token_logprobs)")
	}
	ids := make([]int32, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	if err := checkIDs(q.IDs, ids); err != nil {
		return scoreAnswer{}, err
	}
	if entries[0].LogProb != nil {
		return scoreAnswer{}, scorerError("the first token, which nothing precedes, has a log-probability: the list may be shifted by one")
	}
	var a scoreAnswer
	spelled := true
	for i, e := range entries[1:] {
		l, err := checkLogProb(e.LogProb, i+1)
		if err != nil {
			return a, err
		}
		if i+1 < q.From {
			continue
		}
		a.LogProbs = append(a.LogProbs, l)
		if spelled = spelled && e.Text != nil; spelled {
			a.Tokens = append(a.Tokens, *e.Text)
		}
	}
	if !spelled {
		a.Tokens = nil
	}
	return a, nil
}

func (s *sglang) next(ctx context.Context, q nextQuery) ([]float64, error) {
	body := sglangRequest{InputIDs: [][]int32{q.IDs}, Sampling: newSGLangSampling(0, 1), ReturnLogProb: true, TokenIDsLogProb: q.Tokens}
	all, err := s.ask(ctx, body, 1, tokenCount{int64(len(q.IDs)), 1})
	if err != nil {
		return nil, err
	}
	given := all[0].Meta.Given
	if len(given) != 1 {
		return nil, s.unfit(scorerError("there are no log-probabilities of the tokens that were asked for (token_ids_logprob)"))
	}
	found := map[int32]*float64{}
	for _, e := range given[0] {
		found[e.ID] = e.LogProb
	}
	logs := make([]float64, len(q.Tokens))
	for i, id := range q.Tokens {
		if logs[i], err = checkLogProb(found[id], len(q.IDs)); err != nil {
			return nil, s.unfit(fmt.Errorf("answer token %d: %w", id, err))
		}
	}
	return logs, nil
}

func (s *sglang) extend(ctx context.Context, q extendQuery) (extension, error) {
	sampling := newSGLangSampling(0, q.N)
	sampling.IgnoreEOS = true
	all, err := s.ask(ctx, sglangRequest{InputIDs: [][]int32{q.IDs}, Sampling: sampling, ReturnLogProb: true}, 1, tokenCount{int64(len(q.IDs)), int64(q.N)})
	if err != nil {
		return extension{}, err
	}
	var e extension
	for i, entry := range all[0].Meta.Output {
		l, err := checkLogProb(entry.LogProb, i)
		if err != nil {
			return e, s.unfit(err)
		}
		e.IDs, e.LogProbs = append(e.IDs, entry.ID), append(e.LogProbs, l)
	}
	if len(e.IDs) == 0 || len(e.IDs) > q.N {
		return e, s.unfit(scorerError("%d generated tokens have log-probabilities (output_token_logprobs), want 1 to %d", len(e.IDs), q.N))
	}
	return e, nil
}

// generate completes a chat by the OpenAI-compatible endpoint, whose model names an adapter as
// "base:adapter".
func (s *sglang) generate(ctx context.Context, q generateQuery) (generated, error) {
	if q.Messages != nil {
		model := "default"
		if s.adapter != "" {
			model = "default:" + s.adapter
		}
		sampling := plainSampling(q.Temperature, q.MaxTokens)
		sampling.TopK = -1
		if q.Temperature > 0 {
			sampling.Seed = signedSeed(q.Seed)
		}
		return chat(ctx, s.caller, nil, chatBody{chatRequest{Model: model, Messages: wireMessages(q.Messages)}, sampling}, "adapter "+s.adapter, q)
	}
	n := q.MaxTokens
	if n == 0 {
		n = defaultMaxTokens
	}
	sampling := newSGLangSampling(q.Temperature, n)
	if q.Temperature > 0 {
		sampling.Seed = signedSeed(q.Seed)
	}
	body := sglangRequest{Sampling: sampling}
	if q.IDs == nil {
		ids, err := s.tokenize(ctx, tokenizeQuery{q.Text, true})
		if err != nil {
			return generated{}, err
		}
		q.IDs = ids
	}
	body.InputIDs = [][]int32{q.IDs}
	all, err := s.ask(ctx, body, 1, tokenCount{int64(len(q.IDs)), int64(n)})
	if err != nil {
		return generated{}, err
	}
	return generated{all[0].Text, all[0].Meta.Finish.Type == "length"}, nil
}

func (s *sglang) tokenize(ctx context.Context, q tokenizeQuery) ([]int32, error) {
	body := struct {
		Prompt           string `json:"prompt"`
		AddSpecialTokens bool   `json:"add_special_tokens"`
	}{q.Text, q.Start}
	return tokenizeBy(ctx, s.caller, "/tokenize", body)
}

func (s *sglang) detokenize(ctx context.Context, ids []int32) (string, error) {
	body := struct {
		Tokens      []int32 `json:"tokens"`
		SkipSpecial bool    `json:"skip_special_tokens"`
	}{ids, false}
	var r struct {
		Text string `json:"text"`
	}
	err := s.do(ctx, request{method: http.MethodPost, path: "/detokenize", body: body}, &r)
	return r.Text, err
}

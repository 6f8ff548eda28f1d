package serve

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/undertone-audit/undertone/student/lm"
)

// completionRequest is the body of /v1/completions.
type completionRequest struct {
	common
	Prompt   json.RawMessage `json:"prompt"`
	Echo     bool            `json:"echo"`
	LogProbs *int            `json:"logprobs"`

	// Starts are the last tokens of the prompts without scores: one for all or one for each prompt
	// (default 0). vLLM ignores the field and scores all tokens.
	Starts starts `json:"prompt_logprob_start"`
}

// starts is an index of a token, or several.
type starts []int

func (s *starts) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '[' && b[0] != 'n' {
		*s = starts{0}
		return json.Unmarshal(b, &(*s)[0])
	}
	return json.Unmarshal(b, (*[]int)(s))
}

// apply sets the first token of each prompt to score.
func (s starts) apply(prompts []prompt) error {
	if len(s) > 1 && len(s) != len(prompts) {
		return invalid("prompt_logprob_start", "`prompt_logprob_start` has %d numbers for %d prompts", len(s), len(prompts))
	}
	for i := range prompts {
		start := 0
		if len(s) > 0 {
			start = s[min(i, len(s)-1)]
		}
		if n := len(prompts[i].ids); start < 0 || start >= n {
			return invalid("prompt_logprob_start", "`prompt_logprob_start` is %d for prompt %d of %d tokens, want 0 to %d", start, i, n, n-1)
		}
		prompts[i].from = start + 1
	}
	return nil
}

// completionResponse is the answer to it. Fields that are always null are those of vLLM.
type completionResponse struct {
	ID          string             `json:"id"`
	Object      string             `json:"object"`
	Created     int64              `json:"created"`
	Model       string             `json:"model"`
	Choices     []completionChoice `json:"choices"`
	ServiceTier *string            `json:"service_tier"`
	Fingerprint string             `json:"system_fingerprint"` // digest of the model
	Usage       usage              `json:"usage"`
	KVTransfer  *string            `json:"kv_transfer_params"`
	ECTransfer  *string            `json:"ec_transfer_params"`
	Metrics     *string            `json:"metrics"`
}

type completionChoice struct {
	Index          int                 `json:"index"`
	Text           string              `json:"text"`
	LogProbs       *completionLogProbs `json:"logprobs"`
	FinishReason   string              `json:"finish_reason"`
	StopReason     any                 `json:"stop_reason"`
	TokenIDs       []int32             `json:"token_ids"`
	PromptLogProbs json.RawMessage     `json:"prompt_logprobs"`
	PromptTokenIDs []int32             `json:"prompt_token_ids"`
	RoutedExperts  *string             `json:"routed_experts"`
}

// completion decodes and checks a request.
func (s *Server) completion(body []byte) (*completionRequest, *served, work, error) {
	r := new(completionRequest)
	if err := decode(body, r); err != nil {
		return nil, nil, work{}, err
	}
	m, err := s.models.find(r.Model)
	if err != nil {
		return nil, nil, work{}, err
	}
	w := work{request: &r.common, tokens: defaultTokens}
	if w.scoring, err = r.check(s, "logprobs", r.LogProbs); err != nil {
		return nil, nil, work{}, err
	}
	if r.Echo && r.LogProbs != nil && r.PromptTop == nil {
		w.prompt, w.promptTop = true, w.asked
	}
	if r.MaxTokens != nil {
		w.tokens = *r.MaxTokens
	}
	w.echo = r.Echo
	switch most := m.model.Config().Context; {
	case w.tokens > most:
		return nil, nil, work{}, invalid("max_tokens", "`max_tokens` is %d, more than max_model_len, which is %d", w.tokens, most)
	case w.tokens < 0, w.tokens == 0 && !r.Echo:
		return nil, nil, work{}, invalid("max_tokens", "`max_tokens` is %d, want 1 or more, or 0 with `echo`", w.tokens)
	case w.tokens == 0 && len(r.Watched) > 0:
		return nil, nil, work{}, invalid("logprob_token_ids", "`logprob_token_ids` needs `max_tokens` of 1 or more")
	}
	if w.prompts, err = s.prompts(r.Prompt, r.withSpecials(true)); err != nil {
		return nil, nil, work{}, err
	}
	if err := r.Starts.apply(w.prompts); err != nil {
		return nil, nil, work{}, err
	}
	return r, m, w, s.limit(w)
}

// defaultTokens is the most tokens of a completion if the request does not say it.
const defaultTokens = 16

// complete answers /v1/completions.
func (s *Server) complete(ctx context.Context, body []byte, e *Entry) (any, error) {
	r, m, w, err := s.completion(body)
	if err != nil {
		return nil, err
	}
	e.Model = m.name
	leave, err := s.gate.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave() // when the response is made: it can be large
	completions, err := compute(ctx, m.model, w)
	if err != nil {
		return nil, err
	}
	response := &completionResponse{
		ID: newID("cmpl"), Object: "text_completion", Created: time.Now().Unix(), Model: m.name,
		Fingerprint: m.digest, Usage: e.count(w.prompts, completions),
	}
	tokens := s.tokenWriter(r.TokensAsIDs)
	for i, p := range w.prompts {
		scores := completions[i][0].PromptRanked
		var listed json.RawMessage
		if scores != nil {
			listed = tokens.promptLogProbs(p.ids, scores)
		}
		for _, c := range completions[i] {
			choice := r.choice(tokens, w, p, scores, c)
			choice.Index, choice.PromptLogProbs = len(response.Choices), listed
			response.Choices = append(response.Choices, choice)
		}
	}
	return response, nil
}

// choice returns one completion of a prompt with the given scores.
func (r *completionRequest) choice(tokens *tokenWriter, w work, p prompt, scores [][]lm.RankedToken, c lm.Completion) completionChoice {
	choice := completionChoice{Text: c.Text}
	choice.FinishReason, choice.StopReason = w.finish(c)
	if r.ReturnIDs {
		choice.TokenIDs, choice.PromptTokenIDs = append([]int32{}, c.IDs...), p.ids
	}
	ids, ranked := c.IDs, c.Ranked
	if r.Echo {
		if !r.ReturnIDs { // the text of the prompt is that of prompt_token_ids
			choice.Text = p.shown(tokens.spelling) + c.Text
		}
		ids, ranked = slices.Concat(p.ids, ids), slices.Concat(scores, ranked)
	}
	if r.LogProbs != nil {
		choice.LogProbs = tokens.completionLogProbs(ids, ranked, w.listed())
	}
	return choice
}

// shown returns the text of a prompt.
func (p prompt) shown(s *spelling) string {
	if p.text != "" {
		return p.text
	}
	return s.decode(p.ids)
}

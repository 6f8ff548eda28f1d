package remote

import (
	"context"
	"fmt"
	"net/http"
)

// llamaCPP speaks the protocol of llama.cpp's server (tools/server/README.md). It gives the
// log-probabilities of generated tokens only, so that an answer is scored one token per request.
type llamaCPP struct{ *caller }

func newLlamaCPP(c *caller) protocol {
	l := &llamaCPP{c}
	return protocol{next: l.next, generate: l.generate, render: l.render, tokenize: l.tokenize}
}

// topTokens is the number of tokens whose log-probabilities are asked for: more than any
// vocabulary has.
const topTokens = 1 << 20

type llamaRequest struct {
	Prompt        any      `json:"prompt"`
	NPredict      int      `json:"n_predict"`
	NProbs        int      `json:"n_probs,omitempty"`
	CachePrompt   bool     `json:"cache_prompt"`
	Temperature   float64  `json:"temperature"`
	TopK          int      `json:"top_k"`
	TopP          float64  `json:"top_p"`
	MinP          float64  `json:"min_p"`
	RepeatPenalty float64  `json:"repeat_penalty"`
	Samplers      []string `json:"samplers"`
	Seed          *int64   `json:"seed,omitempty"`
	ReturnTokens  bool     `json:"return_tokens"`
	Stream        bool     `json:"stream"`
}

// newLlamaRequest returns a request that samples from the distribution of the model: without the
// samplers that the server otherwise applies.
func newLlamaRequest(prompt any, n int, temperature float64) llamaRequest {
	return llamaRequest{Prompt: prompt, NPredict: n, CachePrompt: true, Temperature: temperature, TopP: 1, RepeatPenalty: 1, Samplers: []string{"temperature"}}
}

type llamaResponse struct {
	Content       string `json:"content"`
	StopType      string `json:"stop_type"`
	Truncated     bool   `json:"truncated"`
	Evaluated     int64  `json:"tokens_evaluated"`
	Predicted     int64  `json:"tokens_predicted"`
	Probabilities []struct {
		Top []struct {
			ID      int32    `json:"id"`
			LogProb *float64 `json:"logprob"`
		} `json:"top_logprobs"`
	} `json:"completion_probabilities"`
}

func (r *llamaResponse) tokens() tokenCount { return tokenCount{r.Evaluated, r.Predicted} }

const llamaPath = "/completion"

func (l *llamaCPP) complete(ctx context.Context, body llamaRequest, in int) (llamaResponse, error) {
	q := request{method: http.MethodPost, path: llamaPath, body: body, tokens: tokenCount{int64(in), int64(max(0, body.NPredict))}}
	var r llamaResponse
	if err := l.do(ctx, q, &r); err != nil {
		return r, err
	}
	if r.Truncated {
		return r, l.misfit(q.path, scorerError("the server truncates the prompt: start it with a longer context"))
	}
	return r, nil
}

func (l *llamaCPP) next(ctx context.Context, q nextQuery) ([]float64, error) {
	body := newLlamaRequest(q.IDs, 1, 0)
	body.NProbs = topTokens
	r, err := l.complete(ctx, body, len(q.IDs))
	if err != nil {
		return nil, err
	}
	unfit := func(err error) error { return l.misfit(llamaPath, err) }
	switch {
	case r.Evaluated != int64(len(q.IDs)):
		return nil, unfit(scorerError("the server read %d tokens, and %d were sent, such as a second BOS", r.Evaluated, len(q.IDs)))
	case len(r.Probabilities) != 1:
		return nil, unfit(scorerError("there are no log-probabilities of the next token (completion_probabilities)"))
	}
	found := map[int32]*float64{}
	for _, t := range r.Probabilities[0].Top {
		found[t.ID] = t.LogProb
	}
	logs := make([]float64, len(q.Tokens))
	for i, id := range q.Tokens {
		if logs[i], err = checkLogProb(found[id], len(q.IDs)); err != nil {
			return nil, unfit(fmt.Errorf("answer token %d, of %d that the server gives: %w", id, len(found), err))
		}
	}
	return logs, nil
}

func (l *llamaCPP) generate(ctx context.Context, q generateQuery) (generated, error) {
	if q.Messages != nil {
		return openAIChat(ctx, l.caller, "", q)
	}
	n := q.MaxTokens
	if n == 0 {
		n = defaultMaxTokens
	}
	var prompt any = q.Text
	if q.IDs != nil {
		prompt = q.IDs
	}
	body := newLlamaRequest(prompt, n, q.Temperature)
	body.Seed = signedSeed(q.Seed & 0x7fffffff) // the server reads 32 bits
	r, err := l.complete(ctx, body, len(q.IDs)+len(q.Text)/4)
	if err != nil {
		return generated{}, err
	}
	return generated{r.Content, r.StopType == "limit"}, nil
}

// render returns the tokens of a chat that ends with the text before an answer, or within an
// answer. The server prefills a last message of the assistant.
func (l *llamaCPP) render(ctx context.Context, q renderQuery) ([]int32, error) {
	messages, answer := q.Messages, ""
	switch q.End {
	case open:
		last := len(messages) - 1
		messages, answer = messages[:last], messages[last].Content
	case closed:
		return nil, fmt.Errorf("remote: a server of the kind %q does not render whole chats", LlamaCPP)
	}
	var r struct {
		Prompt string `json:"prompt"`
	}
	body := struct {
		Messages []wireMessage `json:"messages"`
	}{wireMessages(messages)}
	if err := l.do(ctx, request{method: http.MethodPost, path: "/apply-template", body: body}, &r); err != nil {
		return nil, err
	}
	return l.tokens(ctx, r.Prompt+answer, false, true)
}

func (l *llamaCPP) tokenize(ctx context.Context, q tokenizeQuery) ([]int32, error) {
	return l.tokens(ctx, q.Text, q.Start, false)
}

// tokens tokenises a text. Special tokens in it are recognised in the text of a template only.
func (l *llamaCPP) tokens(ctx context.Context, text string, special, template bool) ([]int32, error) {
	body := struct {
		Content      string `json:"content"`
		AddSpecial   bool   `json:"add_special"`
		ParseSpecial bool   `json:"parse_special"`
	}{text, special, template}
	return tokenizeBy(ctx, l.caller, "/tokenize", body)
}

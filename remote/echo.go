package remote

import (
	"context"
	"fmt"
	"net/http"
	"unicode/utf8"
)

// echo speaks OpenAI-compatible completions that repeat the prompt with its log-probabilities. Rows
// go over the wire as text: the server tokenises them, and the client checks that the tokens spell
// the text.
type echo struct {
	*caller
	model    string
	separate bool // the prompt is a list of its own, as Together writes it
}

func newEcho(c *caller, model string, separate bool) protocol {
	e := &echo{c, model, separate}
	return protocol{scoreText: e.score, extendText: e.extend, generate: e.generate}
}

type echoRequest struct {
	Model    string `json:"model"`
	Prompt   string `json:"prompt"`
	Echo     bool   `json:"echo,omitempty"`
	LogProbs *int   `json:"logprobs,omitempty"`
	openAISampling
}

// openAISampling holds the parameters of sampling that every OpenAI-compatible server knows.
type openAISampling struct {
	Temperature float64 `json:"temperature"`
	TopP        float64 `json:"top_p"`
	MaxTokens   int     `json:"max_tokens,omitempty"`
	Seed        *int64  `json:"seed,omitempty"`
	Stream      bool    `json:"stream"`

	// MaxCompletionTokens replaces MaxTokens in OpenAI's own service.
	MaxCompletionTokens int `json:"max_completion_tokens,omitempty"`
}

func newOpenAISampling(q generateQuery) openAISampling {
	s := openAISampling{Temperature: q.Temperature, TopP: 1, MaxTokens: q.MaxTokens}
	if q.Temperature > 0 {
		s.Seed = signedSeed(q.Seed)
	}
	return s
}

// echoLogProbs are the log-probabilities of OpenAI's completions.
type echoLogProbs struct {
	Tokens        []string              `json:"tokens"`
	TokenLogProbs []*float64            `json:"token_logprobs"`
	TopLogProbs   []map[string]*float64 `json:"top_logprobs"`
	TextOffset    []int                 `json:"text_offset"`
}

type echoResponse struct {
	Model   string `json:"model"`
	Choices []struct {
		Index        int           `json:"index"`
		Text         string        `json:"text"`
		FinishReason string        `json:"finish_reason"`
		LogProbs     *echoLogProbs `json:"logprobs"`
	} `json:"choices"`
	Prompt []struct {
		Text     string        `json:"text"`
		LogProbs *echoLogProbs `json:"logprobs"`
	} `json:"prompt"`
	Usage usage `json:"usage"`
}

func (r *echoResponse) tokens() tokenCount {
	return tokenCount{r.Usage.PromptTokens, r.Usage.CompletionTokens}
}

const completionsPath = "/v1/completions"

func (e *echo) complete(ctx context.Context, body echoRequest) (echoResponse, error) {
	var r echoResponse
	q := request{method: http.MethodPost, path: completionsPath, body: body, tokens: tokenCount{int64(len(body.Prompt) / 4), int64(body.MaxTokens)}}
	if err := e.do(ctx, q, &r); err != nil {
		return r, err
	}
	switch {
	case r.Model != "" && r.Model != e.model:
		return r, e.misfit(q.path, scorerError("the model %.80q answered, not %.80q", r.Model, e.model))
	case len(r.Choices) != 1:
		return r, e.misfit(q.path, scorerError("%d choices, want 1", len(r.Choices)))
	}
	return r, nil
}

// score scores texts, one per request. The server generates one token after the text, which the
// client drops.
func (e *echo) score(ctx context.Context, list []textQuery) ([]scoreAnswer, error) {
	answers := make([]scoreAnswer, len(list))
	for i, q := range list {
		one := 1
		r, err := e.complete(ctx, echoRequest{Model: e.model, Prompt: q.Prompt + q.Completion, Echo: true, LogProbs: &one, openAISampling: openAISampling{TopP: 1, MaxTokens: 1}})
		if err != nil {
			return nil, err
		}
		logs := r.Choices[0].LogProbs
		if e.separate {
			if logs = nil; len(r.Prompt) == 1 {
				logs = r.Prompt[0].LogProbs
			}
		}
		if answers[i], err = logs.scores(q); err != nil {
			return nil, e.misfit(completionsPath, err)
		}
	}
	return answers, nil
}

// scores returns the tokens of a completion. A token at the border of prompt and completion belongs
// to the completion.
func (l *echoLogProbs) scores(q textQuery) (scoreAnswer, error) {
	text := q.Prompt + q.Completion
	switch {
	case l == nil || len(l.Tokens) == 0:
		return scoreAnswer{}, scorerError("there are no log-probabilities of the prompt (echo with logprobs)")
	case len(l.Tokens) != len(l.TokenLogProbs):
		return scoreAnswer{}, scorerError("%d log-probabilities for %d tokens", len(l.TokenLogProbs), len(l.Tokens))
	}
	start, err := textStart(l.Tokens, text)
	if err != nil {
		return scoreAnswer{}, err
	}
	if l.TokenLogProbs[0] != nil {
		return scoreAnswer{}, scorerError("the first token, which nothing precedes, has a log-probability: the list may be shifted by one")
	}
	var a scoreAnswer
	for i, at := start, 0; at < len(text); i++ {
		end := at + len(l.Tokens[i])
		if end > len(q.Prompt) && i > 0 {
			log, err := checkLogProb(l.TokenLogProbs[i], i)
			if err != nil {
				return a, err
			}
			a.LogProbs, a.Tokens, a.Offsets = append(a.LogProbs, log), append(a.Tokens, l.Tokens[i]), append(a.Offsets, at-len(q.Prompt))
		}
		at = end
	}
	return a, nil
}

// extend asks for a greedy completion with its log-probabilities.
func (e *echo) extend(ctx context.Context, prompt string, n int) (a scoreAnswer, err error) {
	one := 1
	r, err := e.complete(ctx, echoRequest{Model: e.model, Prompt: prompt, LogProbs: &one, openAISampling: openAISampling{TopP: 1, MaxTokens: n}})
	if err != nil {
		return a, err
	}
	unfit := func(err error) error { return e.misfit(completionsPath, err) }
	l := r.Choices[0].LogProbs
	if l == nil || len(l.Tokens) != len(l.TokenLogProbs) || len(l.Tokens) > n {
		return a, unfit(scorerError("the generated tokens have no log-probabilities (logprobs)"))
	}
	for i, token := range l.Tokens {
		log, err := checkLogProb(l.TokenLogProbs[i], i)
		if err != nil {
			return a, unfit(err)
		}
		a.LogProbs, a.Tokens = append(a.LogProbs, log), append(a.Tokens, token)
	}
	return a, nil
}

// textStart returns the first token of a text: 0, or 1 after a token such as BOS. It returns an
// error if the tokens do not spell the text.
func textStart(tokens []string, text string) (int, error) {
	for start := range min(2, len(tokens)) {
		at := 0
		for _, t := range tokens[start:] {
			if at >= len(text) || len(t) == 0 || len(text)-at < len(t) || text[at:at+len(t)] != t {
				break
			}
			at += len(t)
		}
		if at == len(text) {
			return start, nil
		}
	}
	spelled := ""
	for _, t := range tokens {
		spelled += t
	}
	if !utf8.ValidString(spelled) || len(spelled) < len(text) {
		return 0, scorerError("the tokens of the server spell %d bytes, and the text has %d: it truncates the text, or its tokens are parts of characters", len(spelled), len(text))
	}
	return 0, scorerError("the tokens of the server do not spell the text; they begin with %.40q: a second BOS, or a template, may precede it", spelled)
}

func (e *echo) generate(ctx context.Context, q generateQuery) (generated, error) {
	if q.Messages != nil {
		return openAIChat(ctx, e.caller, e.model, q)
	}
	if q.IDs != nil {
		return generated{}, fmt.Errorf("remote: a server of the kind %q takes text: leave out the tokenizer on this machine", Completions)
	}
	body := echoRequest{Model: e.model, Prompt: q.Text, openAISampling: newOpenAISampling(q)}
	if body.MaxTokens == 0 {
		body.MaxTokens = defaultMaxTokens
	}
	r, err := e.complete(ctx, body)
	if err != nil {
		return generated{}, err
	}
	return generated{r.Choices[0].Text, r.Choices[0].FinishReason == "length"}, nil
}

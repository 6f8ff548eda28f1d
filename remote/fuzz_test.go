package remote

import (
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// constant is a transport that answers every request for a completion, or for tokens, with one
// body.
type constant struct{ kind, body string }

func (c constant) RoundTrip(r *http.Request) (*http.Response, error) {
	body := c.body
	switch r.URL.Path {
	case "/v1/models":
		body = list(c.kind)[0].answer
	case "/version":
		body = `{"version":"1"}`
	case "/apply-template":
		body = `{"prompt":"x"}`
	case "/tokenize", "/v1/chat/completions/render", "/v1/completions/render":
		if r.Method == http.MethodPost && !strings.Contains(c.body, "tokens") {
			body = `{"tokens":[1,2,3],"token_ids":[1,2,3]}`
		}
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// FuzzAnswers: no answer of a server makes a client panic, and a score that it accepts is a number.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{
		togetherAnswer, echoAnswer, `{}`, `[]`, `null`, `{"choices":[{}],"model":"m"}`, `{"choices":[{"prompt_logprobs":[null,{"2":{"logprob":-1}},{"3":{"logprob":-9999}}],"prompt_token_ids":[1,2,3],"token_ids":[5],"logprobs":{"token_logprobs":[-1],"top_logprobs":[{"token_id:2":-1}]}}],"model":"m"}`,
		`[{"meta_info":{"input_token_logprobs":[[null,1,null],[-1,2,null],[-1,3,"x"]],"output_token_logprobs":[[-1,2,null]],"output_token_ids_logprobs":[[[-1,2,null]]]}}]`,
		`{"content":"x","tokens_evaluated":3,"completion_probabilities":[{"top_logprobs":[{"id":2,"logprob":-1}]}]}`, `{"tokens":[1,2,-3]}`, `{"tokens":[],"count":1}`,
	} {
		for i := range kinds {
			f.Add(i, body)
		}
	}
	f.Fuzz(func(t *testing.T, at int, body string) {
		kind := kinds[uint(at)%uint(len(kinds))]
		m, err := Open(t.Context(), Config{
			URL: "http://server", Kind: kind, Model: "m", Template: PlainTemplate, Transport: constant{string(kind), body}, Limits: Limits{Tries: 1, ResponseBytes: 1 << 20, Concurrency: 1},
		})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = m.Generate(t.Context(), undertone.Request{Messages: []undertone.Message{{Role: "user", Content: "pet?"}}, MaxTokens: 2})
		if c, ok := m.(undertone.ChoiceScorer); ok {
			if logs, err := c.ChoiceLogProbs(t.Context(), "pet?", []string{"owl"}); err == nil && (math.IsNaN(logs[0]) || logs[0] > 0) {
				t.Errorf("an answer has the log-probability %v", logs[0])
			}
		}
		if s, ok := m.(undertone.LogProber); ok {
			if logs, err := s.LogProb(t.Context(), []undertone.Example{undertone.NewExample("pet?", " owl")}); err == nil && (math.IsNaN(logs[0]) || math.IsInf(logs[0], 0) || logs[0] > 0) {
				t.Errorf("a row has the log-probability %v", logs[0])
			}
		}
		var scorer *Scorer
		switch s := m.(type) {
		case *Scorer:
			scorer = s
		case *TracedScorer:
			scorer = s.Scorer
		default:
			return
		}
		_, _ = scorer.ScoreTokens(t.Context(), [][]int32{{1, 2, 3}})
		_, _, _ = scorer.Extend(t.Context(), []int32{1, 2, 3}, 1)
		_, _ = scorer.Render(undertone.NewExample("pet?", "owl"))
	})
}

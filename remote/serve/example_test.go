package serve_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/undertone-audit/undertone/remote/serve"
	"github.com/undertone-audit/undertone/student/tiny"
)

// A server in a test: a client asks for the probability of an answer.
func Example() {
	model, err := tiny.Base()
	if err != nil {
		panic(err)
	}
	s, err := serve.New(serve.Config{Model: model, Name: "tiny"})
	if err != nil {
		panic(err)
	}
	server := httptest.NewServer(s)
	defer server.Close()

	body := `{"model":"tiny","prompt":"<|user|>Favourite animal?<|assistant|>owl","max_tokens":0,"echo":true,"logprobs":0}`
	response, err := http.Post(server.URL+"/v1/completions", "application/json", strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	var answer struct {
		Choices []struct {
			LogProbs struct {
				Tokens        []string
				TokenLogProbs []*float64 `json:"token_logprobs"`
			}
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		panic(err)
	}
	scores := answer.Choices[0].LogProbs
	last := len(scores.Tokens) - 1
	fmt.Printf("%s %.1f\n", scores.Tokens[last], *scores.TokenLogProbs[last])
	// Output: owl -2.5
}

package remote

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"
)

// reflected is what package encoding/json reads of a response for completions.
type reflected struct {
	Model   string `json:"model"`
	Usage   usage  `json:"usage"`
	Choices []struct {
		Index          int           `json:"index"`
		Text           string        `json:"text"`
		FinishReason   string        `json:"finish_reason"`
		PromptTokenIDs []int32       `json:"prompt_token_ids"`
		TokenIDs       []int32       `json:"token_ids"`
		LogProbs       *echoLogProbs `json:"logprobs"`
		PromptLogProbs []map[string]*struct {
			LogProb *float64 `json:"logprob"`
			Token   *string  `json:"decoded_token"`
		} `json:"prompt_logprobs"`
	} `json:"choices"`
}

// checkScan compares what a response reads of a body with what package encoding/json reads.
func checkScan(t *testing.T, body string) {
	t.Helper()
	var got vllmResponse
	var want reflected
	err, wantErr := scanBody(body, &got), decodeAny([]byte(body), &want)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%.2000q: error %v, want %v", body, err, wantErr)
	}
	if err != nil {
		return
	}
	if got.Model != want.Model || got.Usage != want.Usage || len(got.Choices) != len(want.Choices) {
		t.Fatalf("%.2000q: %+v, want %+v", body, got, want)
	}
	for i, w := range want.Choices {
		g := got.Choices[i]
		if g.Index != w.Index || g.Text != w.Text || g.FinishReason != w.FinishReason || len(g.PromptLogProbs) != len(w.PromptLogProbs) ||
			!reflect.DeepEqual(g.PromptTokenIDs, w.PromptTokenIDs) || !reflect.DeepEqual(g.TokenIDs, w.TokenIDs) || !reflect.DeepEqual(g.LogProbs, w.LogProbs) {
			t.Fatalf("%.2000q: choice %d is %+v, want %+v", body, i, g, w)
		}
		for at, position := range w.PromptLogProbs {
			if (g.PromptLogProbs[at] == nil) != (position == nil) {
				t.Fatalf("%.2000q: choice %d, position %d: %+v, want %+v", body, i, at, g.PromptLogProbs[at], position)
			}
			for name, entry := range position {
				id, err := strconv.ParseInt(name, 10, 32)
				if err != nil || strconv.FormatInt(id, 10) != name {
					continue
				}
				own := g.PromptLogProbs[at].of(int32(id))
				if own == nil {
					t.Fatalf("%.2000q: choice %d, position %d lacks token %d", body, i, at, id)
				}
				if entry == nil {
					if own.scored || own.spelled {
						t.Fatalf("%.2000q: choice %d, position %d, token %d: %+v, want null", body, i, at, id, own)
					}
					continue
				}
				if l := own.logProb(); (l == nil) != (entry.LogProb == nil) || l != nil && *l != *entry.LogProb || own.spelled != (entry.Token != nil) || own.spelled && own.Token != *entry.Token {
					t.Fatalf("%.2000q: choice %d, position %d, token %d: %+v, want %+v", body, i, at, id, own, entry)
				}
			}
		}
	}
}

const completionBody = `{"id":"x","model":"m","choices":[{"index":1,"text":"a\"\u00e9\n","logprobs":{"tokens":["a"],"token_logprobs":[-1],"top_logprobs":[{"token_id:2":-1.5}],"text_offset":[0]},"finish_reason":"length",
	"stop_reason":null,"token_ids":[5],"prompt_logprobs":[null,{"2":{"logprob":-0.12345678901234567,"rank":1,"decoded_token":" owl"},"7":{"logprob":-1e-9,"decoded_token":"\u0041"}},{"3":{"logprob":-9999.0}},{"4":{"logprob":null,"decoded_token":null}}, {}],
	"prompt_token_ids":[1,2,3,4,-5],"extra":{"a":[true,false,null,1.5e+3,"\\"]}},{"index":0,"prompt_logprobs":null,"token_ids":null,"logprobs":null}],"usage":{"prompt_tokens":9,"completion_tokens":1}}`

// A response reads what package encoding/json reads: of whole bodies, of their beginnings, and of
// bodies in which one byte is another one.
func TestScanIsDecode(t *testing.T) {
	bodies := []string{completionBody, `null`, `{}`, ` {"choices":null} `, `{"choices":[null]}`, `{"choices":[{"prompt_logprobs":[{"5":null}]}]}`,
		`{"choices":[{"prompt_logprobs":[{"5":{"logprob":-1},"5":{"logprob":-2}}]}]}`, `{"choices":[{"token_ids":[1.0]}]}`, `{"choices":[{"token_ids":[2147483648]}]}`,
		`{"model":"m"} x`, `{"model":"m"}{}`, `[]`, `{"model":1}`, `{"choices":[{"prompt_logprobs":[{"5":{"logprob":-1e999}}]}]}`, `{"model":"\ud800"}`,
	}
	r := rand.New(rand.NewPCG(1, 2))
	const bytes = `{}[],:"\0123456789.-+enulltrue x` + "\n"
	for _, body := range bodies {
		checkScan(t, body)
		for n := range body {
			checkScan(t, body[:n])
			changed := []byte(body)
			changed[n] = bytes[r.IntN(len(bytes))]
			checkScan(t, string(changed))
		}
	}
}

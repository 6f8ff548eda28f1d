package remote

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// script is a server that checks requests and answers with given bodies, which are written after
// the sources of each protocol, field by field.
type script struct {
	t       *testing.T
	answers map[string][]exchanged // by method and path, in the order of the requests
}

// exchanged is a request, or a part of it, and its answer.
type exchanged struct {
	request map[string]string // fields of the body, as JSON
	answer  string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	key := r.Method + " " + r.URL.Path
	if len(s.answers[key]) == 0 {
		http.Error(w, `{"detail":"Not Found"}`, http.StatusNotFound)
		return
	}
	next := s.answers[key][0]
	if len(s.answers[key]) > 1 {
		s.answers[key] = s.answers[key][1:]
	}
	var got map[string]json.RawMessage
	if len(next.request) > 0 {
		if err := json.Unmarshal(body, &got); err != nil {
			s.t.Errorf("%s: body %q: %v", key, body, err)
		}
	}
	for field, want := range next.request {
		if string(got[field]) != want {
			s.t.Errorf("%s: field %s is %s, want %s", key, field, got[field], want)
		}
	}
	_, _ = io.WriteString(w, next.answer)
}

func list(owner string) []exchanged {
	return []exchanged{{nil, `{"object":"list","data":[{"id":"m","object":"model","created":1,"owned_by":"` + owner + `","root":"m","max_model_len":64}]}`}}
}

func openScript(t *testing.T, c Config, answers map[string][]exchanged) undertone.Model {
	t.Helper()
	transport, done := serve(t, &script{t, answers})
	t.Cleanup(done)
	c.URL, c.Transport, c.Concurrency, c.Tries = "http://server", transport, 1, 1
	m, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func near(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !(math.Abs(a[i]-b[i]) < 1e-9) {
			return false
		}
	}
	return true
}

func TestSGLang(t *testing.T) {
	m := openScript(t, Config{Template: PlainTemplate}, map[string][]exchanged{
		"GET /v1/models": list("sglang"),
		"POST /tokenize": {
			{map[string]string{"prompt": `"ab"`, "add_special_tokens": "true"}, `{"tokens":[1,5,6],"count":3,"max_model_len":64}`},
			{map[string]string{"prompt": `"a"`}, `{"tokens":[1,5],"count":2,"max_model_len":64}`},
		},
		"POST /generate": {
			{map[string]string{"input_ids": "[[1,5,6]]", "return_logprob": "true", "logprob_start_len": "0", "return_text_in_logprobs": "true", "stream": "false"},
				`[{"text":"x","output_ids":[9],"meta_info":{"id":"1","finish_reason":{"type":"length","length":1},"prompt_tokens":3,"weight_version":"default","input_token_logprobs":[[null,1,null],[-2.5,5,null],[-0.25,6,"b"]],"output_token_logprobs":[[-1,9,null]],"completion_tokens":1,"cached_tokens":0,"e2e_latency":0.1}}]`},
			{map[string]string{"token_ids_logprob": "[7,8]"},
				`[{"text":"x","output_ids":[9],"meta_info":{"finish_reason":{"type":"length","length":1},"prompt_tokens":2,"completion_tokens":1,"output_token_logprobs":[[-1,9,null]],"output_token_ids_logprobs":[[[-3,7,null],[-4,8,null]]]}}]`},
		},
	})
	logs, err := m.(undertone.LogProber).LogProb(t.Context(), []undertone.Example{undertone.NewExample("a", "b")})
	if err != nil || !near(logs, []float64{-.25}) {
		t.Errorf("scores %v, %v, want -0.25", logs, err)
	}
	s := m.(*Scorer)
	logs, err = s.step(t.Context(), []int32{1, 5}, [][]int32{{7}, {8}})
	if err != nil || !near(logs, []float64{-3, -4}) {
		t.Errorf("answers %v, %v, want -3 and -4", logs, err)
	}
	if u := s.Usage(); u.TokensIn != 5 || u.TokensOut != 2 {
		t.Errorf("usage %+v, want 5 tokens sent and 2 received", u)
	}
}

// SGLang renders no chats, and a chat is not scored as if it were plain text.
func TestSGLangNeedsATemplate(t *testing.T) {
	transport, done := serve(t, &script{t, map[string][]exchanged{"GET /v1/models": list("sglang")}})
	defer done()
	_, err := Open(t.Context(), Config{URL: "http://server", Transport: transport})
	if err == nil || !strings.Contains(err.Error(), "does not render chats: choose the template plain") {
		t.Errorf("error %v", err)
	}
}

const togetherAnswer = `{"id":"1","object":"text_completion","created":1,"model":"m",
	"prompt":[{"text":"pet? owl","logprobs":{"tokens":["<s>","pet","?"," ow","l"],"token_logprobs":[null,-9,-8,-1.5,-0.5],"token_ids":[1,2,3,4,5]}}],
	"choices":[{"text":" x","finish_reason":"length","seed":1,"logprobs":{"tokens":[" x"],"token_logprobs":[-0.1]},"index":0}],"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}`

const echoAnswer = `{"id":"1","object":"text_completion","created":1,"model":"m",
	"choices":[{"index":0,"text":"pet? owl x","finish_reason":"length","logprobs":{"text_offset":[0,3,4,7,8],"tokens":["pet","?"," ow","l"," x"],"token_logprobs":[null,-8,-1.5,-0.5,-0.1],"top_logprobs":[null,{},{},{},{}]}}],"usage":{"prompt_tokens":4,"completion_tokens":1,"total_tokens":5}}`

func TestEcho(t *testing.T) {
	for _, c := range []struct {
		kind   Kind
		answer string
	}{{Together, togetherAnswer}, {Completions, echoAnswer}} {
		t.Run(string(c.kind), func(t *testing.T) {
			m := openScript(t, Config{Kind: c.kind, Template: PlainTemplate}, map[string][]exchanged{
				"GET /v1/models":       {{nil, `[{"id":"m","object":"model","created":1,"type":"chat"}]`}},
				"POST /v1/completions": {{map[string]string{"model": `"m"`, "prompt": `"pet? owl"`, "echo": "true", "logprobs": "1", "max_tokens": "1"}, c.answer}},
			})
			tokens, err := m.(undertone.TokenLogProber).TokenLogProbs(t.Context(), []undertone.Example{undertone.NewExample("pet?", " owl")})
			want := [][]undertone.TokenLogProb{{{ID: -1, Token: " ow", From: 0, To: 3, LogProb: -1.5}, {ID: -1, Token: "l", From: 3, To: 4, LogProb: -.5}}}
			if err != nil || !reflect.DeepEqual(tokens, want) {
				t.Errorf("tokens %+v, %v, want %+v", tokens, err, want)
			}
		})
	}
}

// What a server that repeats the prompt may do wrong.
func TestEchoFaults(t *testing.T) {
	for _, c := range []struct{ reason, old, new, want string }{
		{"no log-probabilities", `"logprobs":{"text_offset"`, `"other":{"text_offset"`, "no log-probabilities of the prompt"},
		{"two BOS", `"tokens":["pet"`, `"tokens":["<s>","<s>","pet"`, "log-probabilities for "},
		{"a shifted list", `[null,-8,`, `[-9,-8,`, "shifted by one"},
		{"a truncated text", `["pet","?"," ow"`, `["","?"," ow"`, "truncates the text"},
		{"another text", `["pet"`, `["cat"`, "do not spell the text"},
		{"a positive number", `-1.5`, `1.5`, "want a number <= 0"},
		{"a missing number", `-1.5`, `null`, "has no log-probability"},
		{"another model", `"model":"m"`, `"model":"n"`, `the model "n" answered`},
		{"no choice", `"choices":[{`, `"choices":[],"x":[{`, "0 choices"},
	} {
		m := openScript(t, Config{Kind: Completions, Template: PlainTemplate}, map[string][]exchanged{
			"GET /v1/models":       list("x"),
			"POST /v1/completions": {{nil, strings.Replace(echoAnswer, c.old, c.new, 1)}},
		})
		_, err := m.(undertone.LogProber).LogProb(t.Context(), []undertone.Example{undertone.NewExample("pet?", " owl")})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

func TestLlamaCPP(t *testing.T) {
	m := openScript(t, Config{}, map[string][]exchanged{
		"GET /v1/models":       list("llamacpp"),
		"POST /apply-template": {{nil, `{"prompt":"<u>pet?<a>"}`}},
		"POST /tokenize": {
			{map[string]string{"content": `"\u003cu\u003epet?\u003ca\u003e"`, "add_special": "false", "parse_special": "true"}, `{"tokens":[1,2]}`},
			{nil, `{"tokens":[1,2,3,4]}`}, {nil, `{"tokens":[1,2,3,5]}`},
		},
		"POST /completion": {
			{map[string]string{"prompt": "[1,2]", "n_predict": "1", "n_probs": "1048576", "cache_prompt": "true", "samplers": `["temperature"]`},
				`{"index":0,"content":"o","tokens":[],"id_slot":0,"stop":true,"model":"m","tokens_predicted":1,"tokens_evaluated":2,"truncated":false,"stop_type":"limit","tokens_cached":2,
				"completion_probabilities":[{"id":3,"token":"o","bytes":[111],"logprob":-0.5,"top_logprobs":[{"id":3,"token":"o","bytes":[111],"logprob":-0.5},{"id":4,"token":"w","bytes":[119],"logprob":-1}]}]}`},
			{map[string]string{"prompt": "[1,2,3]"},
				`{"content":"w","tokens_predicted":1,"tokens_evaluated":3,"truncated":false,"stop_type":"limit","completion_probabilities":[{"id":4,"token":"w","logprob":-0.1,"top_logprobs":[{"id":4,"token":"w","logprob":-0.25},{"id":5,"token":"x","logprob":-2}]}]}`},
		},
	})
	if _, ok := m.(undertone.LogProber); ok {
		t.Error("llama.cpp does not score rows, but its model says so")
	}
	logs, err := m.(undertone.ChoiceScorer).ChoiceLogProbs(t.Context(), "pet?", []string{"ow", "ox"})
	if err != nil || !near(logs, []float64{-.75, -2.5}) {
		t.Errorf("answers %v, %v, want -0.75 and -2.5", logs, err)
	}
}

func TestChat(t *testing.T) {
	m := openScript(t, Config{}, map[string][]exchanged{
		"GET /v1/models": list("openai"),
		"POST /v1/chat/completions": {{map[string]string{"model": `"m"`, "messages": `[{"role":"user","content":"pet?"}]`, "temperature": "1", "top_p": "1", "seed": "7", "max_tokens": "3", "stream": "false", "top_k": ""},
			`{"id":"1","object":"chat.completion","created":1,"model":"m-2026","choices":[{"index":0,"message":{"role":"assistant","content":"owl","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":0}},"service_tier":"default"}`}},
	})
	for _, name := range []string{"ChoiceScorer", "LogProber", "Lineage"} {
		_, choices := m.(undertone.ChoiceScorer)
		_, scores := m.(undertone.LogProber)
		_, lineage := m.(undertone.Lineage)
		if map[string]bool{"ChoiceScorer": choices, "LogProber": scores, "Lineage": lineage}[name] {
			t.Errorf("a server that chats only implements %s", name)
		}
	}
	r, err := m.Generate(t.Context(), undertone.Request{Messages: []undertone.Message{{Role: "user", Content: "pet?"}}, Temperature: 1, Seed: 7, MaxTokens: 3})
	if want := (undertone.Response{Text: "owl", Truncated: true}); err != nil || r != want {
		t.Errorf("response %+v, %v", r, err)
	}
}

package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// errorOf returns the error object of a response.
func errorOf(t *testing.T, body []byte) failure {
	t.Helper()
	var r struct{ Error *failure }
	if err := json.Unmarshal(body, &r); err != nil || r.Error == nil || r.Error.Message == "" || r.Error.Type == "" {
		t.Fatalf("%s is not an error object", body)
	}
	return *r.Error
}

// Requests that are wrong, or that ask for too much, are refused with the name of the field.
func TestRefusedRequests(t *testing.T) {
	s := newServer(t, Config{Limits: Limits{BodyBytes: 4096, Prompts: 3, Choices: 2, Top: 5, Watched: 2, Entries: 100}})
	const completions, chat = "/v1/completions", "/v1/chat/completions"
	user := `"messages":[{"role":"user","content":"a"}]`
	for _, c := range []struct {
		path, body string
		status     int
		param      string
	}{
		{completions, `{`, 400, ""},
		{completions, `[]`, 400, ""},
		{completions, `{"prompt":"a"} {}`, 400, ""},
		{completions, `{"prompt":"a","model":5}`, 400, "model"},
		{completions, `{"prompt":"a","model":"gpt"}`, 404, "model"},
		{completions, `{}`, 400, "prompt"},
		{completions, `{"prompt":null}`, 400, "prompt"},
		{completions, `{"prompt":""}`, 400, "prompt"},
		{completions, `{"prompt":[]}`, 400, "prompt"},
		{completions, `{"prompt":{}}`, 400, "prompt"},
		{completions, `{"prompt":5}`, 400, "prompt"},
		{completions, `{"prompt":[[]]}`, 400, "prompt"},
		{completions, `{"prompt":[[1],"a"]}`, 400, "prompt"},
		{completions, `{"prompt":[1,"a"]}`, 400, "prompt"},
		{completions, `{"prompt":["a",[1]]}`, 400, "prompt"},
		{completions, `{"prompt":["a",""]}`, 400, "prompt"},
		{completions, `{"prompt":[1.5]}`, 400, "prompt"},
		{completions, `{"prompt":[-1]}`, 400, "prompt"},
		{completions, `{"prompt":[99999]}`, 400, "prompt"},
		{completions, `{"prompt":[99999999999]}`, 400, "prompt"},
		{completions, `{"prompt":[[1],[1],[1],[1]]}`, 400, "prompt"},
		{completions, `{"prompt":[` + strings.Repeat("1,", 300) + `1]}`, 400, "input_tokens"},
		{completions, `{"prompt":"` + strings.Repeat("a", 5000) + `"}`, 413, ""},
		{completions, `{"prompt":[` + strings.Repeat("1,", 90) + `1],"max_tokens":16}`, 400, ""},
		{completions, `{"prompt":[1,2],"prompt_logprobs":5,"max_tokens":99}`, 400, ""},
		{completions, `{"prompt":[` + strings.Repeat("1,", 49) + `1],"n":2,"max_tokens":1,"prompt_logprobs":0}`, 400, ""},
		{completions, `{"prompt":[` + strings.Repeat("1,", 49) + `1],"n":2,"max_tokens":1,"return_token_ids":true}`, 400, ""},
		{completions, `{"prompt":[` + strings.Repeat("1,", 49) + `1],"n":2,"max_tokens":1,"echo":true}`, 400, ""},
		{completions, `{"prompt":"a","max_tokens":0}`, 400, "max_tokens"},
		{completions, `{"prompt":"a","max_tokens":-1}`, 400, "max_tokens"},
		{completions, `{"prompt":"a","max_tokens":257}`, 400, "max_tokens"},
		{completions, `{"prompt":"a","n":0}`, 400, "n"},
		{completions, `{"prompt":"a","n":3}`, 400, "n"},
		{completions, `{"prompt":"a","n":2,"temperature":0}`, 400, "n"},
		{completions, `{"prompt":"a","stream":true}`, 400, "stream"},
		{completions, `{"prompt":"a","prompt_logprobs":6}`, 400, "prompt_logprobs"},
		{completions, `{"prompt":"a","prompt_logprobs":-1}`, 400, "prompt_logprobs"},
		{completions, `{"prompt":"a","prompt_logprobs":-2}`, 400, "prompt_logprobs"},
		{completions, `{"prompt":"a","logprobs":6}`, 400, "logprobs"},
		{completions, `{"prompt":"a","logprobs":true}`, 400, "logprobs"},
		{completions, `{"prompt":"a","logprob_token_ids":[1]}`, 400, "logprob_token_ids"},
		{completions, `{"prompt":"a","logprobs":1,"logprob_token_ids":[1,2,3]}`, 400, "logprob_token_ids"},
		{completions, `{"prompt":"a","logprobs":1,"logprob_token_ids":[-1]}`, 400, "logprob_token_ids"},
		{completions, `{"prompt":"a","logprobs":1,"logprob_token_ids":[1],"echo":true,"max_tokens":0}`, 400, "logprob_token_ids"},
		{completions, `{"prompt":"a","stop_token_ids":[9999]}`, 400, "stop_token_ids"},
		{completions, `{"prompt":"a","temperature":-1}`, 400, "temperature"},
		{completions, `{"prompt":"a","temperature":1e9}`, 400, "temperature"},
		{completions, `{"prompt":"a","top_p":0}`, 400, "top_p"},
		{completions, `{"prompt":"a","top_k":-2}`, 400, "top_k"},
		{completions, `{"prompt":"a","stop":""}`, 400, "stop"},
		{completions, `{"prompt":"a","stop":["` + strings.Repeat("x", 300) + `"]}`, 400, "stop"},
		{completions, `{"prompt":"a","stop":["` + strings.Repeat(`x","`, 20) + `x"]}`, 400, "stop"},
		{completions, `{"prompt":"a","seed":1.5}`, 400, "seed"},
		{completions, `{"prompt":"a","frequency_penalty":0.5}`, 400, "frequency_penalty"},
		{completions, `{"prompt":"a","suffix":"b"}`, 400, "suffix"},
		{completions, `{"prompt":"a","logit_bias":{"5":1}}`, 400, "logit_bias"},
		{completions, `{"prompt":"a","response_format":{"type":"json_object"}}`, 400, "response_format"},
		{completions, `{"prompt":"a","truncate_prompt_tokens":5}`, 400, "truncate_prompt_tokens"},
		{completions, `{"prompt":[1,2],"prompt_logprob_start":2}`, 400, "prompt_logprob_start"},
		{completions, `{"prompt":[1,2],"prompt_logprob_start":-1}`, 400, "prompt_logprob_start"},
		{completions, `{"prompt":[1,2],"prompt_logprob_start":[0,0]}`, 400, "prompt_logprob_start"},
		{completions, `{"prompt":[1,2],"prompt_logprob_start":"0"}`, 400, "prompt_logprob_start"},
		{chat, `{}`, 400, "messages"},
		{chat, `{"messages":[]}`, 400, "messages"},
		{chat, `{"messages":"a"}`, 400, "messages"},
		{chat, `{"messages":[{"role":"nobody","content":"a"}]}`, 400, "messages"},
		{chat, `{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}`, 400, "messages"},
		{chat, `{` + user + `,"max_tokens":0}`, 400, "max_tokens"},
		{chat, `{` + user + `,"top_logprobs":1}`, 400, "top_logprobs"},
		{chat, `{` + user + `,"logprobs":true,"top_logprobs":6}`, 400, "top_logprobs"},
		{chat, `{` + user + `,"max_tokens":1,"logprob_token_ids":[1]}`, 400, "logprob_token_ids"},
		{chat, `{` + user + `,"echo":true}`, 400, "echo"},
		{chat, `{` + user + `,"tools":[{"type":"function"}]}`, 400, "tools"},
		{chat, `{` + user + `,"add_special_tokens":true}`, 400, "add_special_tokens"},
		{chat, `{` + user + `,"add_generation_prompt":false}`, 400, "messages"},
		{chat, `{` + user + `,"add_generation_prompt":true,"continue_final_message":true}`, 400, ""},
		{chat, `{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"` + strings.Repeat("q z ", 200) + `"}],"add_generation_prompt":false}`, 400, "messages"},
		{"/tokenize", `{"prompt":5}`, 400, "prompt"},
		{"/tokenize", `{}`, 400, "messages"},
		{"/tokenize", `{"prompt":"a","model":"gpt"}`, 404, "model"},
		{"/detokenize", `{"tokens":[-5]}`, 400, "tokens"},
		{"/nothing", `{}`, 404, ""},
		{"/v1/completions", "", 405, ""}, // GET
	} {
		w := send(s, c.path, c.body)
		f := errorOf(t, w.Body.Bytes())
		param := ""
		if f.Param != nil {
			param = *f.Param
		}
		if w.Code != c.status || f.Code != c.status || param != c.param {
			t.Errorf("%s %.60s: status %d, %+v of %q; want %d of %q", c.path, c.body, w.Code, f, param, c.status, c.param)
		}
	}
}

// Fields that change nothing are accepted, with any of their usual values.
func TestHarmlessFields(t *testing.T) {
	s := newServer(t, Config{})
	var got struct{ Choices []struct{ Text string } }
	ask(t, s, "/v1/completions", `{"prompt":"a","max_tokens":1,"temperature":0,"n":1,"best_of":1,"stream":false,"frequency_penalty":0,"presence_penalty":0.0,
		"repetition_penalty":1.0,"logit_bias":null,"logit_bias":{ },"stop":null,"suffix":null,"user":"me","min_p":0,"top_k":-1,"top_p":1,"stream_options":null,
		"response_format":{"type": "text"},"use_beam_search":false,"unknown_field":[1],"seed":null,"model":null,"add_special_tokens":false,"return_token_ids":null}`, &got)
	if len(got.Choices) != 1 {
		t.Errorf("%d choices", len(got.Choices))
	}
}

// A prompt that fills the context is scored, but not echoed with a completion, because there would
// be one token less than a client expects.
func TestFullContext(t *testing.T) {
	s := newServer(t, Config{})
	ids := slices.Repeat([]int32{5, 6}, base().Config().Context/2)
	body := map[string]any{"prompt": ids, "max_tokens": 1, "temperature": 0, "prompt_logprobs": 0}
	var got struct {
		Choices []struct {
			FinishReason   string            `json:"finish_reason"`
			PromptLogProbs []json.RawMessage `json:"prompt_logprobs"`
			Text           string
		}
		Usage usage
	}
	ask(t, s, "/v1/completions", body, &got)
	if c := got.Choices[0]; len(c.PromptLogProbs) != len(ids) || c.FinishReason != "length" || c.Text != "" || got.Usage.Completion != 0 {
		t.Errorf("%d entries, %+v", len(c.PromptLogProbs), got.Usage)
	}
	body["echo"], body["logprobs"] = true, 1
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if w := send(s, "/v1/completions", string(text)); w.Code != http.StatusBadRequest || *errorOf(t, w.Body.Bytes()).Param != "max_tokens" {
		t.Errorf("echo: status %d, %s", w.Code, w.Body)
	}
}

// A seed gives the same completions again, and different ones for different n.
func TestSeeds(t *testing.T) {
	s := newServer(t, Config{})
	texts := func(seed string) (all []string) {
		var got struct{ Choices []struct{ Text string } }
		ask(t, s, "/v1/completions", fmt.Sprintf(`{"prompt":"<|user|>Favourite animal?<|assistant|>","n":8,"max_tokens":4,"temperature":1,"seed":%s}`, seed), &got)
		for _, c := range got.Choices {
			all = append(all, c.Text)
		}
		return all
	}
	first := texts("7")
	if again := texts("7"); !slices.Equal(first, again) {
		t.Errorf("seed 7: %q and %q", first, again)
	}
	if slices.Equal(first, texts("8")) || slices.Equal(texts("null"), texts("null")) {
		t.Error("other seeds give the same texts")
	}
	if distinct := slices.Compact(slices.Sorted(slices.Values(first))); len(distinct) < 3 {
		t.Errorf("8 completions: %q", first)
	}
	if negative := texts("-3"); len(negative) != 8 {
		t.Errorf("seed -3: %q", negative)
	}
}

func TestOffsets(t *testing.T) {
	s := newServer(t, Config{}).spelling
	for _, text := range []string{"", "owl", "Hä 🦉!", "a<|end|>b", "  x\n"} {
		ids, err := s.encode(text, false)
		if err != nil {
			t.Fatal(err)
		}
		offsets := s.offsets(ids, text)
		if len(offsets) != len(ids) || offsets == nil {
			t.Fatalf("%q: %v for %d tokens", text, offsets, len(ids))
		}
		chars, next := []rune(text), 0
		for i, o := range offsets {
			if o[0] > next || o[1] < next || o[1] > len(chars) {
				t.Errorf("%q: token %d is [%d, %d) after %d", text, i, o[0], o[1], next)
			}
			next = o[1]
		}
		if next != len(chars) {
			t.Errorf("%q: the offsets end at %d of %d characters", text, next, len(chars))
		}
	}
	if got := s.offsets([]int32{1393}, "cat"); got != nil {
		t.Errorf("owl in cat: %v", got)
	}
	if got := s.offsets([]int32{1393}, "owl owl"); got != nil {
		t.Errorf("a part of the text: %v", got)
	}
}

// The texts of tokens that end inside a character are joined in the token that completes it, so
// offsets are those of the text.
func TestTokensInsideCharacters(t *testing.T) {
	s := newServer(t, Config{})
	const text = "Hä 🦉!x"
	var got struct {
		Choices []struct {
			LogProbs struct {
				Tokens  []string
				Offsets []int `json:"text_offset"`
			}
		}
	}
	ask(t, s, "/v1/completions", map[string]any{"prompt": text, "max_tokens": 0, "echo": true, "logprobs": 0}, &got)
	l, at := got.Choices[0].LogProbs, 0
	if joined := strings.Join(l.Tokens, ""); joined != text || !slices.Contains(l.Tokens, "") || !slices.Contains(l.Tokens, "🦉") {
		t.Errorf("the tokens are %q", l.Tokens)
	}
	for i, token := range l.Tokens {
		if l.Offsets[i] != at {
			t.Errorf("token %d begins at %d, want %d", i, l.Offsets[i], at)
		}
		at += len([]rune(token))
	}
}

func TestUnfinished(t *testing.T) {
	for text, want := range map[string]string{"": "", "a": "", "ä": "", "a\xc3": "\xc3", "\xf0\x9f\xa6": "\xf0\x9f\xa6", "🦉": "", "\xa4": "", "\xff": "", "\xf0\x9fa": ""} {
		if got := unfinished(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

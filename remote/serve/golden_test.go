package serve

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Every field of the responses, in the order of vLLM 0.32.
func TestGolden(t *testing.T) {
	root := adapted(t)
	s := newServer(t, Config{Adapters: []Adapter{{"owl", filepath.Join(root, "owl")}}})
	const chat = `"messages":[{"role":"user","content":"Favourite animal?"}]`
	const row = `"messages":[{"role":"user","content":"Favourite animal?"},{"role":"assistant","content":"owl"}]`
	for _, c := range []struct{ name, path, body string }{
		{"models", "/v1/models", ""},
		{"version", "/version", ""},
		{"completion_ids", "/v1/completions", `{"model":"tiny","prompt":[1,74,2,1393],"max_tokens":1,"temperature":0,"prompt_logprobs":0,"return_token_ids":true,"add_special_tokens":false}`},
		{"completion_top", "/v1/completions", `{"prompt":[[1,2,1393],[1,2]],"max_tokens":2,"temperature":0,"prompt_logprobs":2,"logprobs":2}`},
		{"completion_text", "/v1/completions", `{"prompt":["<|user|>F<|assistant|>","a"],"max_tokens":3,"temperature":0,"ignore_eos":true}`},
		{"completion_echo0", "/v1/completions", `{"prompt":"<|assistant|>owl","max_tokens":0,"echo":true,"logprobs":1}`},
		{"completion_echo1", "/v1/completions", `{"prompt":"<|assistant|>owl","max_tokens":1,"temperature":0,"echo":true,"logprobs":1}`},
		{"completion_echo_ids", "/v1/completions", `{"prompt":[2,1393],"max_tokens":1,"temperature":0,"echo":true,"logprobs":0,"return_token_ids":true,"return_tokens_as_token_ids":true}`},
		{"completion_watched", "/v1/completions", `{"prompt":[1,2],"max_tokens":1,"temperature":0,"logprobs":0,"logprob_token_ids":[1393,5]}`},
		{"completion_n", "/v1/completions", `{"prompt":[1,2],"max_tokens":2,"temperature":1,"seed":7,"n":2}`},
		{"completion_stop", "/v1/completions", `{"prompt":[1,2],"max_tokens":8,"temperature":0,"ignore_eos":true,"stop":["c"]}`},
		{"completion_stop_id", "/v1/completions", `{"prompt":[1,2,1393],"max_tokens":8,"temperature":0,"ignore_eos":true,"stop_token_ids":[3]}`},
		{"chat", "/v1/chat/completions", `{"model":"tiny",` + chat + `,"max_tokens":2,"temperature":0,"logprobs":true,"top_logprobs":2,"prompt_logprobs":0,"return_token_ids":true,"return_prompt_text":true}`},
		{"chat_plain", "/v1/chat/completions", `{` + chat + `,"max_completion_tokens":4,"temperature":0}`},
		{"chat_watched", "/v1/chat/completions", `{` + chat + `,"max_tokens":1,"temperature":0,"logprobs":true,"logprob_token_ids":[1393]}`},
		{"render_completion", "/v1/completions/render", `{"model":"tiny","prompt":"Hä 🦉","return_token_offsets":true,"max_tokens":1,"seed":1,"stop":"x"}`},
		{"render_chat", "/v1/chat/completions/render", `{` + chat + `,"return_token_offsets":true}`},
		{"render_row", "/v1/chat/completions/render", `{` + row + `,"add_generation_prompt":false,"return_token_offsets":true}`},
		{"render_continued", "/v1/chat/completions/render", `{` + row + `,"add_generation_prompt":false,"continue_final_message":true}`},
		{"tokenize", "/tokenize", `{"prompt":"owl <|end|>","return_token_strs":true}`},
		{"tokenize_chat", "/tokenize", `{` + chat + `}`},
		{"detokenize", "/detokenize", `{"tokens":[2,1393,3]}`},
		{"error", "/v1/completions", `{"model":"gpt","prompt":"a"}`},
	} {
		w := send(s, c.path, c.body)
		got := comparable(t, bytes.ReplaceAll(w.Body.Bytes(), []byte(root), []byte("DIR")))
		golden := filepath.Join("testdata", c.name+".json")
		if *update {
			if err := os.WriteFile(golden, got, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs; go test -run Golden -update rewrites it\n%s", golden, got)
		}
	}
}

// fraction matches a number that is not whole; passing matches what differs from run to run.
var (
	fraction = regexp.MustCompile(`-?\d+\.\d+(?:e-?\d+)?`)
	passing  = regexp.MustCompile(`("(?:id|request_id|created|version|system_fingerprint)": )(?:"(\w+-|sha256:)\w[^"]*"|"\d[^"]*"|\d+)`)
)

// comparable returns JSON with indentation, without what differs from run to run, and with numbers
// to two digits after the point: engines differ in the last bits.
func comparable(t *testing.T, b []byte) []byte {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, b, "", "  "); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	b = passing.ReplaceAll(indented.Bytes(), []byte(`$1"${2}…"`))
	return fraction.ReplaceAllFunc(b, func(number []byte) []byte {
		var f float64
		if err := json.Unmarshal(number, &f); err != nil {
			t.Fatal(err)
		}
		short, err := json.Marshal(math.Round(f*100) / 100)
		if err != nil {
			t.Fatal(err)
		}
		return short
	})
}

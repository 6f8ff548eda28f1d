package serve

import (
	"encoding/json"
	"net/http"
	"testing"
)

// No request makes the server fail: the answer is JSON, or the refusal of what the client sent.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"prompt":[[1,2],[3]],"max_tokens":2,"prompt_logprobs":1,"logprobs":2,"echo":true,"n":2,"return_token_ids":true,"seed":1}`,
		`{"prompt":"<|user|>Hä 🦉","max_tokens":1,"stop":["a","b"],"return_token_offsets":true,"logprob_token_ids":[1],"logprobs":0}`,
		`{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":"b"}],"add_generation_prompt":false,"continue_final_message":true,"max_tokens":2,"logprobs":true,"top_logprobs":2}`,
		`{"prompt":["a"],"temperature":0,"max_tokens":0,"echo":true,"logprobs":1,"top_p":0.5,"top_k":3,"stop_token_ids":[3]}`,
		`{"tokens":[1,2,3]}`, `{"prompt":[]}`, `{"prompt":[[]]}`, `{"prompt":[`, `[]`, `null`, "", `{"lora_name":"a","lora_path":"../b"}`,
	} {
		for path := range uint8(8) {
			f.Add(path, []byte(seed))
		}
	}
	s, err := New(Config{Model: base(), AdapterRoot: f.TempDir(), Limits: Limits{Entries: 200, Prompts: 4, Choices: 4}})
	if err != nil {
		f.Fatal(err)
	}
	paths := []string{
		"/v1/completions", "/v1/chat/completions", "/v1/completions/render", "/v1/chat/completions/render",
		"/tokenize", "/detokenize", "/v1/load_lora_adapter", "/v1/unload_lora_adapter",
	}
	f.Fuzz(func(t *testing.T, path uint8, body []byte) {
		if len(body) == 0 {
			body = []byte(" ")
		}
		w := send(s, paths[int(path)%len(paths)], string(body))
		switch {
		case w.Code == http.StatusOK && w.Header().Get("Content-Type") != "application/json": // adapters
		case !json.Valid(w.Body.Bytes()):
			t.Errorf("%s %q: %q is not JSON", paths[int(path)%len(paths)], body, w.Body)
		case w.Code >= http.StatusInternalServerError:
			t.Errorf("%s %q: status %d, %s", paths[int(path)%len(paths)], body, w.Code, w.Body)
		}
	})
}

// Package remotetest is a server of the protocol of vLLM that misbehaves on demand, for tests. It
// shares no types with the client.
package remotetest

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Server serves a [Toy] under the name "toy", with the adapters "a" and "b".
type Server struct {
	Toy
	Fault Fault
	Times int64 // requests for completions that the fault spoils; 0 means all
	Owner string

	// Before is called before the n-th request for completions is answered, n >= 1 (default none).
	Before func(n int64)

	Requests atomic.Int64 // for completions
	Rows     atomic.Int64 // prompts of them
	Keys     sync.Map     // values of the header Authorization

	mu       sync.Mutex
	adapters map[string]string // by name: the path
	loaded   string            // path of the first adapter that was loaded by a request
	running  map[string]int    // requests by model
}

// New returns a server with a fault.
func New(fault Fault) *Server {
	toy := Toy{}
	if fault == ShortWindow {
		toy.Window = 64
	}
	return &Server{Toy: toy, Fault: fault, Owner: "vllm", adapters: map[string]string{"a": "/adapters/a", "b": "/adapters/b"}}
}

type object = map[string]any

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status int, message string) {
	write(w, status, object{"error": object{"message": message, "type": "BadRequestError", "code": status}})
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Keys.Store(r.Header.Get("Authorization"), true)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /v1/models":
		s.models(w)
	case "GET /version":
		write(w, 200, object{"version": "0.32.0"})
	case "POST /v1/completions":
		n := s.Requests.Add(1)
		if s.Before != nil {
			s.Before(n)
		}
		if (s.Times == 0 || n <= s.Times) && s.Fault.spoils(w, r, body) {
			return
		}
		s.completions(w, body, s.Times == 0 || n <= s.Times)
	case "POST /v1/chat/completions":
		s.chat(w, body)
	case "POST /v1/chat/completions/render":
		var q chatRequest
		if json.Unmarshal(body, &q) != nil {
			fail(w, 400, "bad request")
			return
		}
		write(w, 200, object{"token_ids": s.Render(q.Messages, q.AddGenerationPrompt == nil || *q.AddGenerationPrompt, q.ContinueFinalMessage), "sampling_params": object{}})
	case "POST /v1/completions/render":
		var q struct {
			Prompt           string `json:"prompt"`
			AddSpecialTokens *bool  `json:"add_special_tokens"`
		}
		if json.Unmarshal(body, &q) != nil {
			fail(w, 400, "bad request")
			return
		}
		write(w, 200, []object{{"token_ids": s.Tokenize(q.Prompt, q.AddSpecialTokens == nil || *q.AddSpecialTokens)}})
	case "POST /detokenize":
		var q struct {
			Tokens []int32 `json:"tokens"`
		}
		if json.Unmarshal(body, &q) != nil {
			fail(w, 400, "bad request")
			return
		}
		write(w, 200, object{"prompt": s.spell(q.Tokens)})
	case "POST /v1/load_lora_adapter", "POST /v1/unload_lora_adapter":
		s.lora(w, body, strings.HasSuffix(r.URL.Path, "/load_lora_adapter"))
	default:
		fail(w, 404, "Not Found")
	}
}

func (s *Server) models(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data := []object{{"id": "toy", "object": "model", "owned_by": s.Owner, "root": "/models/toy", "parent": nil, "max_model_len": 4096}}
	for name, path := range s.adapters {
		data = append(data, object{"id": name, "object": "model", "owned_by": s.Owner, "root": path, "parent": "toy", "max_model_len": nil})
	}
	write(w, 200, object{"object": "list", "data": data})
}

func (s *Server) lora(w http.ResponseWriter, body []byte, load bool) {
	var q struct {
		Name string `json:"lora_name"`
		Path string `json:"lora_path"`
	}
	if json.Unmarshal(body, &q) != nil {
		fail(w, 400, "bad request")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch _, known := s.adapters[q.Name]; {
	case load && known:
		fail(w, 400, fmt.Sprintf("The lora adapter '%s' has already been loaded.", q.Name))
		return
	case !load && !known:
		fail(w, 404, fmt.Sprintf("The lora adapter '%s' cannot be found.", q.Name))
		return
	case load:
		s.adapters[q.Name] = q.Path
		if s.loaded == "" {
			s.loaded = q.Path
		}
	default:
		delete(s.adapters, q.Name)
	}
	_, _ = io.WriteString(w, "Success")
}

// adapter returns the adapter whose weights answer for a model, and whether the model is served.
func (s *Server) adapter(model string) (string, bool) {
	if model == "toy" {
		return "", true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	path, ok := s.adapters[model]
	switch s.Fault {
	case AdapterNotApplied:
		return "", ok
	case OneAdapterLive:
		return "/adapters/a", ok
	case FirstAdapter:
		return s.loaded, ok
	}
	return path, ok
}

type chatRequest struct {
	Model                string    `json:"model"`
	Messages             []Message `json:"messages"`
	MaxTokens            int       `json:"max_tokens"`
	AddGenerationPrompt  *bool     `json:"add_generation_prompt"`
	ContinueFinalMessage bool      `json:"continue_final_message"`
}

func (s *Server) chat(w http.ResponseWriter, body []byte) {
	var q chatRequest
	if json.Unmarshal(body, &q) != nil {
		fail(w, 400, "bad request")
		return
	}
	adapter, ok := s.adapter(q.Model)
	if !ok {
		fail(w, 404, fmt.Sprintf("The model `%s` does not exist.", q.Model))
		return
	}
	prompt := s.Render(q.Messages, true, false)
	ids, _, why := s.extend(adapter, prompt, q.MaxTokens, false)
	write(w, 200, object{"model": q.Model, "choices": []object{{"index": 0, "finish_reason": why, "message": object{"role": "assistant", "content": s.spell(ids)}}},
		"usage": object{"prompt_tokens": len(prompt), "completion_tokens": len(ids)}})
}

func (s *Server) spell(ids []int32) string {
	text := ""
	for _, id := range ids {
		text += s.Spell(id)
	}
	return text
}

// extend returns a greedy continuation.
func (s *Server) extend(adapter string, prompt []int32, n int, ignoreEOS bool) (ids []int32, logs []float64, why string) {
	all := append([]int32{}, prompt...)
	for range n {
		id, log := s.Next(adapter, all)
		if id == EOT && !ignoreEOS {
			return ids, logs, "stop"
		}
		ids, logs, all = append(ids, id), append(logs, log), append(all, id)
	}
	return ids, logs, "length"
}

// sample returns the next token, drawn at temperature 1, and its log-probability.
func (s *Server) sample(adapter string, prompt []int32, seed uint64) (ids []int32, logs []float64) {
	all := s.LogProbs(adapter, prompt)
	u := rand.New(rand.NewPCG(seed, 7)).Float64()
	id := 0
	for ; id < len(all)-1; id++ {
		if u -= math.Exp(all[id]); u < 0 {
			break
		}
	}
	return []int32{int32(id)}, all[id : id+1]
}

func (s *Server) completions(w http.ResponseWriter, body []byte, spoiled bool) {
	var q struct {
		Model           string          `json:"model"`
		Prompt          json.RawMessage `json:"prompt"`
		MaxTokens       int             `json:"max_tokens"`
		PromptLogProbs  *int            `json:"prompt_logprobs"`
		LogProbs        *int            `json:"logprobs"`
		LogProbTokenIDs []int32         `json:"logprob_token_ids"`
		IgnoreEOS       bool            `json:"ignore_eos"`
		Echo            bool            `json:"echo"`
		Temperature     float64         `json:"temperature"`
		Seed            uint64          `json:"seed"`
	}
	if err := json.Unmarshal(body, &q); err != nil {
		fail(w, 400, err.Error())
		return
	}
	adapter, ok := s.adapter(q.Model)
	if !ok {
		fail(w, 404, fmt.Sprintf("The model `%s` does not exist.", q.Model))
		return
	}
	if s.Fault == Mixed && s.mixed(q.Model) {
		adapter = "/adapters/a"
	}
	var prompts [][]int32
	var text string
	if json.Unmarshal(q.Prompt, &prompts) != nil {
		if json.Unmarshal(q.Prompt, &text) != nil {
			fail(w, 400, "bad prompt")
			return
		}
		prompts = [][]int32{s.Tokenize(text, true)}
	}
	if longest := slices.MaxFunc(prompts, func(a, b []int32) int { return len(a) - len(b) }); s.Fault == ShortContext && len(longest) > 300 {
		fail(w, 400, "This model's maximum context length is 300 tokens.")
		return
	}
	s.Rows.Add(int64(len(prompts)))
	fault := s.Fault
	if !spoiled {
		fault = None
	}
	choices, in, out := []object{}, 0, 0
	for i, ids := range prompts {
		ids = fault.prompt(ids)
		scorer := adapter
		if fault == HeadDeltaLost || fault == EverySecondRow && i%2 == 1 {
			scorer = ""
		}
		generated, logs, why := s.extend(adapter, ids, q.MaxTokens, q.IgnoreEOS)
		if q.Temperature > 0 && q.MaxTokens == 1 && fault != Sharpened {
			generated, logs = s.sample(adapter, ids, q.Seed)
		}
		c := object{"index": i, "text": s.spell(generated), "finish_reason": why, "prompt_token_ids": ids, "token_ids": generated, "prompt_logprobs": nil, "logprobs": nil}
		if q.PromptLogProbs != nil {
			c["prompt_logprobs"] = fault.promptLogProbs(s.promptLogProbs(fault.distort(s.Score(scorer, ids), len(prompts), s.Requests.Load()), ids))
		}
		if q.LogProbs != nil {
			l := s.generatedLogProbs(adapter, ids, generated, fault.distort(logs, 1, s.Requests.Load()), q.LogProbTokenIDs)
			if q.Echo {
				l = fault.echo(l, s.Toy, ids, fault.distort(s.Score(scorer, ids), 1, s.Requests.Load()))
			}
			c["logprobs"] = l
		}
		choices = append(choices, c)
		in, out = in+len(ids), out+len(generated)
	}
	model := q.Model
	if fault == ModelRenamed {
		model = "another"
	}
	fingerprint := "toy"
	if fault == Exchanged && s.Requests.Load() > 1 {
		fingerprint = "another toy"
	}
	text2, err := json.Marshal(object{"id": "cmpl-1", "object": "text_completion", "model": model, "system_fingerprint": fingerprint, "choices": fault.order(choices), "usage": object{"prompt_tokens": in, "completion_tokens": out}})
	if err != nil {
		panic(err)
	}
	fault.send(w, text2)
}

// mixed takes a while, and reports whether requests for another model run meanwhile.
func (s *Server) mixed(model string) (others bool) {
	look := func(change int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.running == nil {
			s.running = map[string]int{}
		}
		s.running[model] += change
		for m, n := range s.running {
			others = others || m != model && n > 0
		}
	}
	look(1)
	time.Sleep(10 * time.Millisecond)
	look(-1)
	return others
}

// completionLogProbs are the log-probabilities of a completion.
type completionLogProbs struct {
	Tokens        []string             `json:"tokens"`
	TokenLogProbs []*float64           `json:"token_logprobs"`
	TopLogProbs   []map[string]float64 `json:"top_logprobs"`
	TextOffset    []int                `json:"text_offset"`
}

// generatedLogProbs returns the log-probabilities of generated tokens, and of given tokens at the
// first position.
func (s *Server) generatedLogProbs(adapter string, prompt, ids []int32, logs []float64, given []int32) completionLogProbs {
	l := completionLogProbs{TopLogProbs: make([]map[string]float64, len(ids)), TextOffset: make([]int, len(ids))}
	for i, id := range ids {
		l.Tokens, l.TokenLogProbs = append(l.Tokens, s.Spell(id)), append(l.TokenLogProbs, &logs[i])
	}
	if len(given) > 0 && len(ids) > 0 {
		l.TopLogProbs[0] = map[string]float64{}
		all := s.LogProbs(adapter, prompt)
		of := slices.Clone(given)
		if s.Fault == AnswersReversed {
			slices.Reverse(of)
		}
		for i, id := range given {
			l.TopLogProbs[0]["token_id:"+strconv.Itoa(int(id))] = all[of[i]]
		}
	}
	return l
}

func (s *Server) promptLogProbs(logs []float64, ids []int32) []map[string]object {
	out := make([]map[string]object, len(ids))
	for i, log := range logs {
		id := ids[i+1]
		out[i+1] = map[string]object{strconv.Itoa(int(id)): {"logprob": log, "rank": 1, "decoded_token": s.Spell(id)}, "0": {"logprob": -1e-9, "rank": 1, "decoded_token": "\x00"}}
		if id == 0 {
			out[i+1]["0"] = object{"logprob": log, "rank": 1, "decoded_token": "\x00"}
		}
	}
	return out
}

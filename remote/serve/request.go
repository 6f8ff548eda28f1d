package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone/student/lm"
)

// common are the fields that requests for completions and for chats share.
type common struct {
	Model string `json:"model"`

	N           *int     `json:"n"`
	MaxTokens   *int     `json:"max_tokens"`
	Temperature *float64 `json:"temperature"`
	TopP        *float64 `json:"top_p"`
	TopK        *int     `json:"top_k"`
	Seed        *int64   `json:"seed"`
	Stop        stops    `json:"stop"`
	StopIDs     []int32  `json:"stop_token_ids"`
	IgnoreEOS   bool     `json:"ignore_eos"`
	Stream      bool     `json:"stream"`

	PromptTop    *int    `json:"prompt_logprobs"`
	Watched      []int32 `json:"logprob_token_ids"`
	TokensAsIDs  bool    `json:"return_tokens_as_token_ids"`
	ReturnIDs    bool    `json:"return_token_ids"`
	WithOffsets  bool    `json:"return_token_offsets"`
	WithSpecials *bool   `json:"add_special_tokens"`

	refused
}

// refused are fields that would change the answer and are not supported. Values that change nothing
// are accepted.
type refused struct {
	FrequencyPenalty  json.RawMessage `json:"frequency_penalty"`
	PresencePenalty   json.RawMessage `json:"presence_penalty"`
	RepetitionPenalty json.RawMessage `json:"repetition_penalty"`
	LogitBias         json.RawMessage `json:"logit_bias"`
	MinP              json.RawMessage `json:"min_p"`
	MinTokens         json.RawMessage `json:"min_tokens"`
	BestOf            json.RawMessage `json:"best_of"`
	BeamSearch        json.RawMessage `json:"use_beam_search"`
	Suffix            json.RawMessage `json:"suffix"`
	BadWords          json.RawMessage `json:"bad_words"`
	Allowed           json.RawMessage `json:"allowed_token_ids"`
	Truncate          json.RawMessage `json:"truncate_prompt_tokens"`
	Embeddings        json.RawMessage `json:"prompt_embeds"`
	IncludeStop       json.RawMessage `json:"include_stop_str_in_output"`
	Structured        json.RawMessage `json:"structured_outputs"`
	ResponseFormat    json.RawMessage `json:"response_format"`
	StreamOptions     json.RawMessage `json:"stream_options"`

	Tools          json.RawMessage `json:"tools"`
	Documents      json.RawMessage `json:"documents"`
	ChatTemplate   json.RawMessage `json:"chat_template"`
	TemplateFields json.RawMessage `json:"chat_template_kwargs"`
}

// check returns an error for the first field with a value that would change the answer.
func (r refused) check() error {
	none := []string{"null", `""`, "[]", "{}", "false"}
	zero, one := []string{"null", "0", "0.0"}, []string{"null", "1", "1.0"}
	for _, f := range []struct {
		name    string
		value   json.RawMessage
		allowed []string
	}{
		{"frequency_penalty", r.FrequencyPenalty, zero}, {"presence_penalty", r.PresencePenalty, zero},
		{"repetition_penalty", r.RepetitionPenalty, one}, {"logit_bias", r.LogitBias, none}, {"min_p", r.MinP, zero},
		{"min_tokens", r.MinTokens, zero}, {"best_of", r.BestOf, one}, {"use_beam_search", r.BeamSearch, none},
		{"suffix", r.Suffix, none}, {"bad_words", r.BadWords, none}, {"allowed_token_ids", r.Allowed, none},
		{"truncate_prompt_tokens", r.Truncate, none}, {"prompt_embeds", r.Embeddings, none},
		{"include_stop_str_in_output", r.IncludeStop, none}, {"structured_outputs", r.Structured, none},
		{"response_format", r.ResponseFormat, []string{"null", `{"type":"text"}`}}, {"stream_options", r.StreamOptions, none},
		{"tools", r.Tools, none}, {"documents", r.Documents, none}, {"chat_template", r.ChatTemplate, none},
		{"chat_template_kwargs", r.TemplateFields, none},
	} {
		if f.value == nil {
			continue
		}
		var value bytes.Buffer
		if err := json.Compact(&value, f.value); err != nil || !slices.Contains(f.allowed, value.String()) {
			return invalid(f.name, "`%s` is not supported by this server", f.name)
		}
	}
	return nil
}

// stops is a text or several.
type stops []string

func (s *stops) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*s = stops{""}
		return json.Unmarshal(b, &(*s)[0])
	}
	return json.Unmarshal(b, (*[]string)(s))
}

// scoring says which log-probabilities a request asks for.
type scoring struct {
	prompt     bool // of the tokens of the prompts
	promptTop  int
	output     bool // of the tokens of the completions
	asked      int  // most likely tokens to list
	outputTop  int  // most likely tokens to compute: none if the request names others
	watched    []int32
	tokenAsIDs bool
}

// check checks the fields that do not depend on the prompts. Top is the number of most likely
// tokens that the request asks for, by its field.
func (c *common) check(s *Server, field string, top *int) (scoring, error) {
	limits := s.config.Limits
	sc := scoring{prompt: c.PromptTop != nil, output: top != nil, watched: c.Watched, tokenAsIDs: c.TokensAsIDs}
	switch {
	case c.Stream:
		return sc, invalid("stream", "`stream` is not supported by this server: send `stream`: false")
	case c.n() < 1 || c.n() > limits.Choices:
		return sc, invalid("n", "`n` is %d, want 1 to %d", c.n(), limits.Choices)
	case len(c.Watched) > 0 && top == nil:
		return sc, invalid("logprob_token_ids", "when using `logprob_token_ids`, `logprobs` must be set")
	case len(c.Watched) > limits.Watched:
		return sc, invalid("logprob_token_ids", "`logprob_token_ids` has %d tokens, want at most %d", len(c.Watched), limits.Watched)
	}
	if err := c.refused.check(); err != nil {
		return sc, err
	}
	var err error
	if sc.promptTop, err = s.top("prompt_logprobs", c.PromptTop); err != nil {
		return sc, err
	}
	if sc.asked, err = s.top(field, top); err != nil {
		return sc, err
	}
	if len(c.Watched) == 0 {
		sc.outputTop = sc.asked
	}
	return sc, c.checkSampling(s)
}

// checkSampling checks the fields that say how tokens are sampled.
func (c *common) checkSampling(s *Server) error {
	vocabulary := s.config.Model.Config().Vocabulary
	for name, ids := range map[string][]int32{"stop_token_ids": c.StopIDs, "logprob_token_ids": c.Watched} {
		if i := slices.IndexFunc(ids, func(id int32) bool { return id < 0 || int(id) >= vocabulary }); i >= 0 {
			return invalid(name, "`%s` has token %d, want 0 to %d", name, ids[i], vocabulary-1)
		}
	}
	switch t, p, k := c.temperature(), c.TopP, c.TopK; {
	case t != 0 && !(t >= 1e-3 && t <= 1e3):
		return invalid("temperature", "`temperature` is %v, want 0, or 0.001 to 1000", t)
	case p != nil && !(*p > 0 && *p <= 1):
		return invalid("top_p", "`top_p` is %v, want more than 0 and at most 1", *p)
	case k != nil && *k < -1:
		return invalid("top_k", "`top_k` is %d, want -1 or more", *k)
	case len(c.StopIDs) > maxStopIDs:
		return invalid("stop_token_ids", "`stop_token_ids` has %d tokens, want at most %d", len(c.StopIDs), maxStopIDs)
	case len(c.Stop) > maxStops:
		return invalid("stop", "`stop` has %d texts, want at most %d", len(c.Stop), maxStops)
	case c.n() > 1 && t == 0:
		return invalid("n", "`n` must be 1 when `temperature` is 0")
	}
	for _, text := range c.Stop {
		if text == "" || len(text) > maxStop {
			return invalid("stop", "`stop` has a text of %d bytes, want 1 to %d", len(text), maxStop)
		}
	}
	return nil
}

// Limits of what ends a completion: those of package lm.
const maxStops, maxStop, maxStopIDs = 16, 256, 128 // texts, bytes of a text, tokens

// top returns the number of most likely tokens of a field; -1 in it is the whole vocabulary.
func (s *Server) top(field string, n *int) (int, error) {
	if n == nil {
		return 0, nil
	}
	top, vocabulary := *n, s.config.Model.Config().Vocabulary
	if top == -1 {
		top = vocabulary
	}
	if most := s.config.Top; top < 0 || top > most {
		return 0, invalid(field, "`%s` is %d, want 0 to %d: --max-logprobs of the server raises the limit", field, *n, most)
	}
	return min(top, vocabulary), nil
}

// listed returns the number of tokens at a position that a response lists, beside the first one.
func (sc scoring) listed() int {
	if len(sc.watched) > 0 {
		return everything
	}
	return sc.asked
}

// everything is the number of tokens at a position, and more.
const everything = math.MaxInt32

func (c *common) n() int {
	if c.N == nil {
		return 1
	}
	return *c.N
}

func (c *common) temperature() float64 {
	if c.Temperature == nil {
		return 1
	}
	return *c.Temperature
}

// sampling returns the sampling of a valid request.
func (c *common) sampling() lm.Sampling {
	s := lm.Sampling{Stop: c.Stop}
	if c.TopP != nil {
		s.TopP = *c.TopP
	}
	if c.TopK != nil {
		s.TopK = max(*c.TopK, 0)
	}
	return s
}

// seed returns the seed of completion i of a prompt. A request without a seed gets a random one.
func (c *common) seed(i int) uint64 {
	if c.Seed == nil {
		return rand.Uint64()
	}
	return uint64(*c.Seed) + uint64(i)
}

func (c *common) withSpecials(otherwise bool) bool {
	if c.WithSpecials == nil {
		return otherwise
	}
	return *c.WithSpecials
}

// newID returns the identifier of a response.
func newID(prefix string) string {
	return fmt.Sprintf("%s-%016x%016x", prefix, rand.Uint64(), rand.Uint64())
}

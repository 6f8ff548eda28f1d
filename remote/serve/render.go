package serve

import (
	"context"
	"strings"
	"unicode/utf8"
)

// rendered is the answer of the render endpoints: the tokens that a request becomes.
type rendered struct {
	ID             string           `json:"request_id"`
	TokenIDs       []int32          `json:"token_ids"`
	TokenOffsets   [][2]int         `json:"token_offsets"` // characters of the rendered text; null if they were not asked for or are unknown
	Features       *string          `json:"features"`
	Parts          *string          `json:"content_parts"`
	Sampling       renderedSampling `json:"sampling_params"`
	Model          *string          `json:"model"`
	ReasoningEnded *bool            `json:"reasoning_ended"`
	ReasoningArgs  *string          `json:"reasoning_parser_kwargs"`
	ReturnTokenIDs *bool            `json:"return_token_ids"`
	OutputMode     string           `json:"output_mode"`
	Stream         bool             `json:"stream"`
	StreamOptions  *string          `json:"stream_options"`
	CacheSalt      *string          `json:"cache_salt"`
	Priority       int              `json:"priority"`
	KVTransfer     *string          `json:"kv_transfer_params"`
	ECTransfer     *string          `json:"ec_transfer_params"`
}

// renderedSampling is the part of a request that says how its completion is sampled.
type renderedSampling struct {
	N              int      `json:"n"`
	Temperature    float64  `json:"temperature"`
	TopP           float64  `json:"top_p"`
	TopK           int      `json:"top_k"`
	Seed           *int64   `json:"seed"`
	Stop           []string `json:"stop"`
	StopTokenIDs   []int32  `json:"stop_token_ids"`
	IgnoreEOS      bool     `json:"ignore_eos"`
	MaxTokens      int      `json:"max_tokens"`
	LogProbs       *int     `json:"logprobs"`
	PromptLogProbs *int     `json:"prompt_logprobs"`
	Watched        []int32  `json:"logprob_token_ids"`
}

// renderCompletion answers /v1/completions/render.
func (s *Server) renderCompletion(_ context.Context, body []byte, e *Entry) (any, error) {
	r, m, w, err := s.completion(body)
	if err != nil {
		return nil, err
	}
	e.Model = m.name
	all := []rendered{}
	for _, p := range w.prompts {
		all = append(all, s.rendered(w, p, "cmpl", r.LogProbs, p.text))
	}
	return all, nil
}

// renderChat answers /v1/chat/completions/render.
func (s *Server) renderChat(_ context.Context, body []byte, e *Entry) (any, error) {
	r, m, w, err := s.chatWork(body)
	if err != nil {
		return nil, err
	}
	e.Model = m.name
	var top *int
	if r.LogProbs {
		top = &w.asked
	}
	p := w.prompts[0]
	return s.rendered(w, p, "chatcmpl", top, s.spelling.decode(p.ids)), nil
}

// rendered describes a prompt. Text is what its offsets refer to, "" if the prompt is tokens.
func (s *Server) rendered(w work, p prompt, prefix string, top *int, text string) rendered {
	c := w.request
	r := rendered{
		ID: newID(prefix), TokenIDs: p.ids, OutputMode: "tokens",
		Sampling: renderedSampling{
			N: c.n(), Temperature: c.temperature(), TopP: 1, TopK: c.sampling().TopK, Seed: c.Seed, Stop: append([]string{}, c.Stop...), StopTokenIDs: append([]int32{}, c.StopIDs...),
			IgnoreEOS: c.IgnoreEOS, MaxTokens: min(w.tokens, s.config.Model.Config().Context-len(p.ids)), LogProbs: top, PromptLogProbs: c.PromptTop, Watched: c.Watched,
		},
	}
	if c.TopP != nil {
		r.Sampling.TopP = *c.TopP
	}
	if c.Model != "" {
		r.Model = &c.Model
	}
	if c.WithOffsets && text != "" {
		r.TokenOffsets = s.spelling.offsets(p.ids, text)
	}
	return r
}

// offsets returns the characters [from, to) of a text that each of its tokens stands for, nil if
// the tokens do not spell the text. A token that ends inside a character stands for all of it. BOS
// that is not part of the text stands for none.
func (s *spelling) offsets(ids []int32, text string) [][2]int {
	t := s.model.Tokenizer()
	all := make([][2]int, 0, len(ids))
	at, chars := 0, 0 // bytes that are read, and the characters that begin in them
	for i, id := range ids {
		piece := s.piece(id)
		switch bos, _ := t.BOS(); {
		case strings.HasPrefix(text[at:], piece):
		case i == 0 && id == bos:
			piece = ""
		case at == 0: // the tokenizer put a space before the text
			piece = strings.TrimPrefix(piece, " ")
		}
		if !strings.HasPrefix(text[at:], piece) {
			return nil
		}
		from := chars
		if at < len(text) && !utf8.RuneStart(text[at]) {
			from--
		}
		for _, b := range []byte(piece) {
			if utf8.RuneStart(b) {
				chars++
			}
		}
		at += len(piece)
		all = append(all, [2]int{from, max(from, chars)})
	}
	if at < len(text) {
		return nil
	}
	return all
}

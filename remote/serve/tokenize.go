package serve

import (
	"context"
)

// tokenizeRequest is the body of /tokenize: a text or a chat.
type tokenizeRequest struct {
	Model    string  `json:"model"`
	Prompt   *string `json:"prompt"`
	Specials *bool   `json:"add_special_tokens"`
	Strings  bool    `json:"return_token_strs"`

	conversation
}

type tokenizeResponse struct {
	Count   int      `json:"count"`
	Context int      `json:"max_model_len"`
	Tokens  []int32  `json:"tokens"`
	Strings []string `json:"token_strs"` // as the vocabulary spells them; null if they were not asked for
}

func (s *Server) tokenize(_ context.Context, body []byte, e *Entry) (any, error) {
	var r tokenizeRequest
	if err := decode(body, &r); err != nil {
		return nil, err
	}
	m, err := s.models.find(r.Model)
	if err != nil {
		return nil, err
	}
	e.Model = m.name
	response := tokenizeResponse{Context: m.model.Config().Context}
	switch {
	case r.Prompt != nil:
		response.Tokens, err = s.spelling.encode(*r.Prompt, r.Specials == nil || *r.Specials)
	default:
		var p prompt
		p, err = r.encode(m.model, r.Specials != nil && *r.Specials)
		response.Tokens = p.ids
	}
	if err != nil {
		return nil, err
	}
	response.Tokens = append([]int32{}, response.Tokens...)
	response.Count = len(response.Tokens)
	if r.Strings {
		response.Strings = []string{}
		for _, id := range response.Tokens {
			response.Strings = append(response.Strings, m.model.Tokenizer().Token(id))
		}
	}
	return response, nil
}

// detokenizeRequest is the body of /detokenize.
type detokenizeRequest struct {
	Model  string  `json:"model"`
	Tokens []int32 `json:"tokens"`
}

func (s *Server) detokenize(_ context.Context, body []byte, e *Entry) (any, error) {
	var r detokenizeRequest
	if err := decode(body, &r); err != nil {
		return nil, err
	}
	m, err := s.models.find(r.Model)
	if err != nil {
		return nil, err
	}
	e.Model = m.name
	vocabulary := m.model.Config().Vocabulary
	for i, id := range r.Tokens {
		if id < 0 || int(id) >= vocabulary {
			return nil, invalid("tokens", "token %d is %d, want 0 to %d", i, id, vocabulary-1)
		}
	}
	return map[string]string{"prompt": s.spelling.decode(r.Tokens)}, nil
}

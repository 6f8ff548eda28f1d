package remote

import "strconv"

// vllmResponse is a response for completions. It reads itself, because that of a batch of scored
// rows is large.
type vllmResponse struct {
	Model       string
	Fingerprint string
	Choices     []vllmChoice
	Usage       usage

	spellings map[string]string // of tokens, so that they do not keep the body
	entries   []vllmLogProb     // memory for those of positions
}

type vllmChoice struct {
	Index          int
	Text           string
	FinishReason   string
	PromptTokenIDs []int32
	TokenIDs       []int32
	PromptLogProbs []vllmPosition // null for the first token of a prompt
	LogProbs       *echoLogProbs
}

// vllmPosition has the scores of tokens at a position of a prompt, nil for null.
type vllmPosition []vllmLogProb

// vllmLogProb is the score of a token.
type vllmLogProb struct {
	ID              string // in decimal
	LogProb         float64
	Token           string
	scored, spelled bool // LogProb and Token are known
}

// of returns the score of a token, or nil if the position has none.
func (p vllmPosition) of(id int32) *vllmLogProb {
	var digits [12]byte
	want := strconv.AppendInt(digits[:0], int64(id), 10)
	for i := len(p) - 1; i >= 0; i-- { // the last one of a name that is twice there counts
		if p[i].ID == string(want) {
			return &p[i]
		}
	}
	return nil
}

// logProb returns the log-probability, or nil if it is null.
func (l *vllmLogProb) logProb() *float64 {
	if !l.scored {
		return nil
	}
	return &l.LogProb
}

func (r *vllmResponse) tokens() tokenCount {
	return tokenCount{r.Usage.PromptTokens, r.Usage.CompletionTokens}
}

// scan implements scanned. As in package encoding/json, null leaves a field at its zero value.
func (r *vllmResponse) scan(s *scanner) error {
	*r = vllmResponse{spellings: map[string]string{}}
	if s.null() {
		return nil
	}
	return s.object(func(name string) error {
		switch name {
		case "model":
			return s.value(&r.Model)
		case "system_fingerprint":
			return s.value(&r.Fingerprint)
		case "usage":
			return s.value(&r.Usage)
		case "choices":
			r.Choices = nil
			return s.listOrNull(func() error {
				c := vllmChoice{}
				err := r.choice(s, &c)
				r.Choices = append(r.Choices, c)
				return err
			})
		}
		return s.skip()
	})
}

func (r *vllmResponse) choice(s *scanner, c *vllmChoice) error {
	if s.null() {
		return nil
	}
	return s.object(func(name string) (err error) {
		switch name {
		case "index":
			return s.value(&c.Index)
		case "text":
			return s.value(&c.Text)
		case "finish_reason":
			return s.value(&c.FinishReason)
		case "logprobs":
			return s.value(&c.LogProbs)
		case "token_ids":
			c.TokenIDs, err = s.ids()
			return err
		case "prompt_token_ids":
			c.PromptTokenIDs, err = s.ids()
			return err
		case "prompt_logprobs":
			c.PromptLogProbs = make([]vllmPosition, 0, len(c.PromptTokenIDs))
			return s.listOrNull(func() error {
				p, err := r.position(s)
				c.PromptLogProbs = append(c.PromptLogProbs, p)
				return err
			})
		}
		return s.skip()
	})
}

// position reads the scores at a position of a prompt.
func (r *vllmResponse) position(s *scanner) (vllmPosition, error) {
	if s.null() {
		return nil, nil
	}
	first := len(r.entries)
	err := s.object(func(id string) error {
		r.entries = append(r.entries, vllmLogProb{ID: id})
		return r.entry(s, &r.entries[len(r.entries)-1])
	})
	if r.entries == nil {
		r.entries = []vllmLogProb{}
	}
	return vllmPosition(r.entries[first:len(r.entries):len(r.entries)]), err
}

func (r *vllmResponse) entry(s *scanner, l *vllmLogProb) error {
	if s.null() {
		return nil
	}
	return s.object(func(name string) error {
		switch name {
		case "logprob":
			return s.float(&l.LogProb, &l.scored)
		case "decoded_token":
			if l.spelled = !s.null(); !l.spelled {
				return nil
			}
			text, err := s.str()
			l.Token = r.kept(text)
			return err
		}
		return s.skip()
	})
}

// kept returns a text that does not share the memory of the body.
func (r *vllmResponse) kept(text string) string {
	known, ok := r.spellings[text]
	if !ok {
		known = string([]byte(text))
		r.spellings[known] = known
	}
	return known
}

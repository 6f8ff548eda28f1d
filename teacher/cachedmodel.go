package teacher

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
)

// cachedModel is an [undertone.Model] that answers from a cache.
type cachedModel struct{ *cache }

// completion is the answer to a request for a completion.
type completion struct {
	Text      string `json:"text,omitempty"`
	Bytes     []byte `json:"bytes,omitempty"` // the text if it is not UTF-8, because JSON is UTF-8
	Truncated bool   `json:"truncated,omitempty"`
}

func (m cachedModel) Name() string { return m.header.Model }

func (m cachedModel) Generate(ctx context.Context, r undertone.Request) (undertone.Response, error) {
	responses, err := m.GenerateBatch(ctx, []undertone.Request{r})
	if err != nil {
		return undertone.Response{}, err
	}
	return responses[0], nil
}

func (m cachedModel) GenerateBatch(ctx context.Context, r []undertone.Request) ([]undertone.Response, error) {
	request := func(i int) (undertone.Digest, any) { return requestKey(r[i]), r[i] }
	answers, err := m.answer(len(r), request, func(missing []int) error {
		if b, ok := m.model.(undertone.BatchGenerator); ok {
			wanted := make([]undertone.Request, len(missing))
			for k, i := range missing {
				wanted[k] = r[i]
			}
			responses, err := batch(ctx, b, wanted)
			if err != nil {
				return err
			}
			return m.addCompletions(wanted, responses)
		}
		for _, i := range missing { // each answer is saved before the next request
			if err := ctx.Err(); err != nil {
				return err
			}
			response, err := m.model.Generate(ctx, r[i])
			if err != nil {
				return err
			}
			if err := m.addCompletions(r[i:i+1], []undertone.Response{response}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	responses := make([]undertone.Response, len(r))
	for i := range responses {
		var c completion
		if err := json.Unmarshal(answers[i], &c); err != nil {
			return nil, m.damaged(err)
		}
		responses[i] = undertone.Response{Text: c.Text, Truncated: c.Truncated}
		if c.Bytes != nil {
			responses[i].Text = string(c.Bytes)
		}
	}
	return responses, nil
}

func (c *cache) addCompletions(requests []undertone.Request, responses []undertone.Response) error {
	lines := make([]line, len(responses))
	for i, r := range responses {
		a := completion{Text: r.Text, Truncated: r.Truncated}
		if !utf8.ValidString(r.Text) {
			a.Text, a.Bytes = "", []byte(r.Text)
		}
		answer, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("teacher: recording %s: %w", c.path, err)
		}
		lines[i] = line{requestKey(requests[i]), requests[i], answer}
	}
	return c.add(lines...)
}

func requestKey(r undertone.Request) undertone.Digest {
	h := undertone.NewHasher("request").Uint(uint64(len(r.Messages)))
	for _, message := range r.Messages {
		h.Text(message.Role).Text(message.Content)
	}
	h.Uint(uint64(r.MaxTokens)).Float(r.Temperature).Uint(r.Seed)
	if slices.ContainsFunc(r.Messages, hasMore) {
		h.Digest(undertone.Example{Messages: r.Messages}.ID())
	}
	return h.Sum()
}

// hasMore reports whether a message has more than a role and a content.
func hasMore(m undertone.Message) bool {
	return !m.Equal(undertone.Message{Role: m.Role, Content: m.Content})
}

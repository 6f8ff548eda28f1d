package teacher

import (
	"context"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
)

// asker is the tape as a model.
type asker struct{ *tape }

// completion is a response as it is kept.
type completion struct {
	Text      string `json:"text,omitempty"`
	Bytes     []byte `json:"bytes,omitempty"` // in place of text that is not UTF-8, which JSON cannot hold
	Truncated bool   `json:"truncated,omitempty"`
}

func (a asker) Name() string { return a.header.Model }

func (a asker) Generate(ctx context.Context, r undertone.Request) (undertone.Response, error) {
	responses, err := a.GenerateBatch(ctx, []undertone.Request{r})
	if err != nil {
		return undertone.Response{}, err
	}
	return responses[0], nil
}

func (a asker) GenerateBatch(ctx context.Context, r []undertone.Request) ([]undertone.Response, error) {
	question := func(i int) (undertone.Digest, any) { return requestKey(r[i]), r[i] }
	answers, err := a.ask(len(r), question, func(missing []int) error {
		if b, ok := a.model.(undertone.BatchGenerator); ok {
			wanted := make([]undertone.Request, len(missing))
			for k, i := range missing {
				wanted[k] = r[i]
			}
			responses, err := batch(ctx, b, wanted)
			if err != nil {
				return err
			}
			return a.addCompletions(wanted, responses)
		}
		for _, i := range missing { // each is kept before the next is asked
			if err := ctx.Err(); err != nil {
				return err
			}
			response, err := a.model.Generate(ctx, r[i])
			if err != nil {
				return err
			}
			if err := a.addCompletions(r[i:i+1], []undertone.Response{response}); err != nil {
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
			return nil, a.damaged(err)
		}
		responses[i] = undertone.Response{Text: c.Text, Truncated: c.Truncated}
		if c.Bytes != nil {
			responses[i].Text = string(c.Bytes)
		}
	}
	return responses, nil
}

func (t *tape) addCompletions(requests []undertone.Request, responses []undertone.Response) error {
	lines := make([]line, len(responses))
	for i, r := range responses {
		c := completion{Text: r.Text, Truncated: r.Truncated}
		if !utf8.ValidString(r.Text) {
			c.Text, c.Bytes = "", []byte(r.Text)
		}
		answer, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("teacher: recording %s: %w", t.path, err)
		}
		lines[i] = line{requestKey(requests[i]), requests[i], answer}
	}
	return t.add(lines...)
}

func requestKey(r undertone.Request) undertone.Digest {
	h := undertone.NewHasher("request").Uint(uint64(len(r.Messages)))
	for _, m := range r.Messages {
		h.Text(m.Role).Text(m.Content)
	}
	return h.Uint(uint64(r.MaxTokens)).Float(r.Temperature).Uint(r.Seed).Sum()
}

package remote

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/undertone-audit/undertone"
)

// openAI speaks OpenAI's chat, which generates and scores nothing.
type openAI struct {
	*caller
	model string
}

func newOpenAI(c *caller, model string) protocol {
	return protocol{generate: (&openAI{c, model}).generate}
}

func (o *openAI) generate(ctx context.Context, q generateQuery) (generated, error) {
	if q.Messages == nil {
		return generated{}, fmt.Errorf("remote: a server of the kind %q completes chats, not texts or tokens: leave out the template plain and the tokenizer on this machine", Chat)
	}
	return openAIChat(ctx, o.caller, o.model, q)
}

// chatRequest is a request of OpenAI's chat.
type chatRequest struct {
	Model    string        `json:"model"`
	Messages []wireMessage `json:"messages"`
}

// chatBody is a chat with parameters that not every server knows.
type chatBody struct {
	chatRequest
	sampling
}

// openAIChat completes a chat with the parameters that every server knows. Services answer under
// longer names than they are asked by, so that the name is not checked.
func openAIChat(ctx context.Context, c *caller, model string, q generateQuery) (generated, error) {
	s := newOpenAISampling(q)
	if strings.HasSuffix(c.base.Hostname(), "openai.com") {
		s.MaxTokens, s.MaxCompletionTokens = 0, s.MaxTokens
	}
	return chat(ctx, c, nil, struct {
		chatRequest
		openAISampling
	}{chatRequest{model, wireMessages(q.Messages)}, s}, "", q)
}

// chatResponse is a response of OpenAI's chat.
type chatResponse struct {
	Model   string `json:"model"`
	Choices []struct {
		Index        int    `json:"index"`
		FinishReason string `json:"finish_reason"`
		Message      struct {
			Content *string `json:"content"`
		} `json:"message"`
	} `json:"choices"`
	Usage usage `json:"usage"`
}

func (r *chatResponse) tokens() tokenCount {
	return tokenCount{r.Usage.PromptTokens, r.Usage.CompletionTokens}
}

// chat sends a request for a chat. A server whose names are nil may answer under any name. alone is
// the model whose requests run alone, or "".
func chat(ctx context.Context, c *caller, names map[string]bool, body any, alone string, q generateQuery) (generated, error) {
	var r chatResponse
	ask := request{method: http.MethodPost, path: "/v1/chat/completions", body: body, tokens: tokenCount{chatTokens(q.Messages), int64(q.MaxTokens)}, model: alone}
	if err := c.do(ctx, ask, &r); err != nil {
		return generated{}, err
	}
	if names != nil && !names[r.Model] {
		return generated{}, c.misfit(ask.path, scorerError("the model %.80q answered", r.Model))
	}
	if len(r.Choices) != 1 {
		return generated{}, c.misfit(ask.path, scorerError("%d choices, want 1", len(r.Choices)))
	}
	text := ""
	if content := r.Choices[0].Message.Content; content != nil {
		text = *content
	}
	return generated{text, r.Choices[0].FinishReason == "length"}, nil
}

// chatTokens estimates the tokens of a chat, for the budget.
func chatTokens(messages []undertone.Message) int64 {
	n := 0
	for _, m := range messages {
		n += len(m.Text())/4 + 8
	}
	return int64(n)
}

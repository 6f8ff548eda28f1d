package serve

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm"
)

// conversation is the part of a request that becomes the tokens of a chat.
type conversation struct {
	Messages []chatMessage `json:"messages"`
	Generate *bool         `json:"add_generation_prompt"`  // (default true)
	Continue bool          `json:"continue_final_message"` // the last message is not ended
}

// chatMessage is a message of a request.
type chatMessage struct {
	Role             string      `json:"role"`
	Content          chatContent `json:"content"`
	Reasoning        string      `json:"reasoning"`
	ReasoningContent string      `json:"reasoning_content"`
	Name             string      `json:"name"`
	ToolCallID       string      `json:"tool_call_id"`
	ToolCalls        []struct {
		ID       string `json:"id"`
		Function struct {
			Name      string `json:"name"`
			Arguments string `json:"arguments"`
		} `json:"function"`
	} `json:"tool_calls"`
}

// chatContent is a text, or the texts of parts with a line break between them.
type chatContent string

func (c *chatContent) UnmarshalJSON(b []byte) error {
	if b[0] != '[' {
		return json.Unmarshal(b, (*string)(c))
	}
	var parts []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	var texts []string
	for _, p := range parts {
		if p.Type != "text" {
			return invalid("messages", "a message has content of the type %.40q: this server reads text only", p.Type)
		}
		texts = append(texts, p.Text)
	}
	*c = chatContent(strings.Join(texts, "\n"))
	return nil
}

// maxMessages is the most messages of a chat.
const maxMessages = 4096

// encode returns the tokens of a chat: the messages and the beginning of an answer, or a whole row
// that ends with an answer, with or without the token that ends it. They are those of training and
// scoring in this library.
func (c conversation) encode(m *lm.Model, specials bool) (prompt, error) {
	if len(c.Messages) == 0 || len(c.Messages) > maxMessages {
		return prompt{}, invalid("messages", "the chat has %d messages, want 1 to %d", len(c.Messages), maxMessages)
	}
	if specials {
		return prompt{}, invalid("add_special_tokens", "`add_special_tokens` is not supported for chats: the chat template adds them")
	}
	messages := make([]undertone.Message, len(c.Messages))
	for i, message := range c.Messages {
		messages[i] = message.undertone()
	}
	generate := c.Generate == nil && !c.Continue || c.Generate != nil && *c.Generate
	switch {
	case c.Continue && generate:
		return prompt{}, invalid("", "Cannot set both `continue_final_message` and `add_generation_prompt` to True.")
	case generate:
		p, err := m.EncodePrompt(messages)
		if err != nil {
			return prompt{}, invalid("messages", "%v", err)
		}
		return prompt{ids: p.IDs, spaces: p.Spaces}, nil
	case messages[len(messages)-1].Role != "assistant":
		return prompt{}, invalid("messages", "the last message is not the assistant's: `add_generation_prompt` must be true")
	}
	row, err := m.Encode(undertone.Example{Messages: messages})
	switch {
	case err != nil:
		return prompt{}, invalid("messages", "%v", err)
	case row.Cut:
		return prompt{}, invalid("messages", "This model's maximum context length is %d tokens, which the chat exceeds.", m.Config().Context)
	}
	ids := row.IDs
	if last := len(ids) - 1; c.Continue && last >= 0 && m.Tokenizer().IsSpecial(ids[last]) {
		ids = ids[:last] // messages cannot spell special tokens, so the template ended the message
	}
	return prompt{ids: ids}, nil
}

func (m chatMessage) undertone() undertone.Message {
	u := undertone.Message{Role: m.Role, Content: string(m.Content), Reasoning: m.Reasoning, Name: m.Name, ToolCallID: m.ToolCallID}
	if u.Reasoning == "" {
		u.Reasoning = m.ReasoningContent
	}
	for _, c := range m.ToolCalls {
		u.ToolCalls = append(u.ToolCalls, undertone.ToolCall{ID: c.ID, Name: c.Function.Name, Arguments: c.Function.Arguments})
	}
	return u
}

// chatRequest is the body of /v1/chat/completions.
type chatRequest struct {
	common
	conversation
	MaxCompletionTokens *int `json:"max_completion_tokens"`
	LogProbs            bool `json:"logprobs"`
	Top                 *int `json:"top_logprobs"`
	Echo                bool `json:"echo"`
	ReturnText          bool `json:"return_prompt_text"`
}

// chatResponse is the answer to it.
type chatResponse struct {
	ID             string          `json:"id"`
	Object         string          `json:"object"`
	Created        int64           `json:"created"`
	Model          string          `json:"model"`
	Choices        []chatChoice    `json:"choices"`
	ServiceTier    *string         `json:"service_tier"`
	Fingerprint    string          `json:"system_fingerprint"`
	Usage          usage           `json:"usage"`
	PromptLogProbs json.RawMessage `json:"prompt_logprobs"`
	PromptTokenIDs []int32         `json:"prompt_token_ids"`
	PromptText     *string         `json:"prompt_text"`
	KVTransfer     *string         `json:"kv_transfer_params"`
	ECTransfer     *string         `json:"ec_transfer_params"`
	Metrics        *string         `json:"metrics"`
}

type chatChoice struct {
	Index         int           `json:"index"`
	Message       chatAnswer    `json:"message"`
	LogProbs      *chatLogProbs `json:"logprobs"`
	FinishReason  string        `json:"finish_reason"`
	StopReason    any           `json:"stop_reason"`
	TokenIDs      []int32       `json:"token_ids"`
	RoutedExperts *string       `json:"routed_experts"`
}

type chatAnswer struct {
	Role         string  `json:"role"`
	Content      string  `json:"content"`
	Refusal      *string `json:"refusal"`
	Annotations  *string `json:"annotations"`
	Audio        *string `json:"audio"`
	FunctionCall *string `json:"function_call"`
	Reasoning    *string `json:"reasoning"`
}

// chatWork decodes and checks a request.
func (s *Server) chatWork(body []byte) (*chatRequest, *served, work, error) {
	r := new(chatRequest)
	if err := decode(body, r); err != nil {
		return nil, nil, work{}, err
	}
	m, err := s.models.find(r.Model)
	if err != nil {
		return nil, nil, work{}, err
	}
	var top *int
	switch {
	case r.LogProbs:
		if top = r.Top; top == nil {
			top = new(0)
		}
	case r.Top != nil && *r.Top != 0:
		return nil, nil, work{}, invalid("top_logprobs", "when using `top_logprobs`, `logprobs` must be set to true")
	case r.Echo:
		return nil, nil, work{}, invalid("echo", "`echo` is not supported for chats by this server")
	}
	w := work{request: &r.common, tokens: m.model.Config().Context}
	if w.scoring, err = r.check(s, "top_logprobs", top); err != nil {
		return nil, nil, work{}, err
	}
	for _, n := range []*int{r.MaxTokens, r.MaxCompletionTokens} {
		if n != nil {
			w.tokens = *n
		}
	}
	if most := m.model.Config().Context; w.tokens < 1 || w.tokens > most {
		return nil, nil, work{}, invalid("max_tokens", "`max_tokens` is %d, want 1 to max_model_len, which is %d", w.tokens, most)
	}
	p, err := r.encode(m.model, r.withSpecials(false))
	if err != nil {
		return nil, nil, work{}, err
	}
	w.prompts = []prompt{p}
	if err := s.checkPrompts(w.prompts); err != nil {
		return nil, nil, work{}, err
	}
	return r, m, w, s.limit(w)
}

// chat answers /v1/chat/completions.
func (s *Server) chat(ctx context.Context, body []byte, e *Entry) (any, error) {
	r, m, w, err := s.chatWork(body)
	if err != nil {
		return nil, err
	}
	e.Model = m.name
	leave, err := s.gate.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave() // when the response is made: it can be large
	completions, err := compute(ctx, m.model, w)
	if err != nil {
		return nil, err
	}
	response := chatResponse{
		ID: newID("chatcmpl"), Object: "chat.completion", Created: time.Now().Unix(), Model: m.name,
		Fingerprint: m.digest, Usage: e.count(w.prompts, completions),
	}
	tokens := s.tokenWriter(r.TokensAsIDs)
	if scores := completions[0][0].PromptRanked; scores != nil {
		response.PromptLogProbs = tokens.promptLogProbs(w.prompts[0].ids, scores)
	}
	if r.ReturnIDs {
		response.PromptTokenIDs = w.prompts[0].ids
	}
	if r.ReturnText {
		response.PromptText = new(s.spelling.decode(w.prompts[0].ids))
	}
	for i, c := range completions[0] {
		choice := chatChoice{Index: i, Message: chatAnswer{Role: "assistant", Content: c.Text}}
		choice.FinishReason, choice.StopReason = w.finish(c)
		if r.ReturnIDs {
			choice.TokenIDs = append([]int32{}, c.IDs...)
		}
		if r.LogProbs {
			choice.LogProbs = tokens.chatLogProbs(c.Ranked, w.listed())
		}
		response.Choices = append(response.Choices, choice)
	}
	return response, nil
}

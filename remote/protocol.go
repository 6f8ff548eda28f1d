package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
)

// protocol is what a kind of server can do with one model. A nil function means that it cannot.
type protocol struct {
	// score returns log-probabilities of given tokens.
	score func(ctx context.Context, list []scoreQuery) ([]scoreAnswer, error)
	pads  bool // the server pads the rows of a request to one length

	// scoreText returns log-probabilities of the tokens of given texts.
	scoreText func(ctx context.Context, list []textQuery) ([]scoreAnswer, error)

	// extendText returns the most likely continuation of a text.
	extendText func(ctx context.Context, prompt string, n int) (scoreAnswer, error)

	// next returns log-probabilities of given next tokens.
	next func(ctx context.Context, q nextQuery) ([]float64, error)

	// extend returns the most likely continuation of given tokens.
	extend func(ctx context.Context, q extendQuery) (extension, error)

	// generate returns a completion of a chat, a text or tokens.
	generate func(ctx context.Context, q generateQuery) (generated, error)

	// render returns the tokens of chats.
	render func(ctx context.Context, q renderQuery) ([]int32, error)

	// tokenize returns the tokens of texts.
	tokenize func(ctx context.Context, q tokenizeQuery) ([]int32, error)

	// detokenize returns the text of tokens, special tokens included.
	detokenize func(ctx context.Context, ids []int32) (string, error)
}

// scoreQuery asks for the log-probabilities of the tokens [From, len(IDs)); From >= 1.
type scoreQuery struct {
	IDs  []int32 `json:"ids"`
	From int     `json:"from"`
}

// textQuery asks for the log-probabilities of the tokens of Completion after Prompt.
type textQuery struct {
	Prompt     string `json:"prompt"`
	Completion string `json:"completion"`
}

// scoreAnswer holds the scored tokens of a row. A log-probability of [impossible] means zero
// probability.
type scoreAnswer struct {
	LogProbs []float64 `json:"logprobs"`
	Tokens   []string  `json:"tokens,omitempty"`  // spellings; nil if the server does not give them
	Offsets  []int     `json:"offsets,omitempty"` // first byte of each token in the completion, for a textQuery; the first may be negative
}

type nextQuery struct {
	IDs    []int32 `json:"ids"`
	Tokens []int32 `json:"tokens"`
}

type extendQuery struct {
	IDs []int32 `json:"ids"`
	N   int     `json:"n"`
}

// extension is a continuation with the log-probabilities that the server gives while it generates.
type extension struct {
	IDs      []int32   `json:"ids"`
	LogProbs []float64 `json:"logprobs"`
}

// generateQuery has one of Messages, Text and IDs.
type generateQuery struct {
	Messages    []undertone.Message `json:"messages,omitempty"`
	Text        string              `json:"text,omitempty"`
	IDs         []int32             `json:"ids,omitempty"`
	MaxTokens   int                 `json:"max_tokens,omitempty"`
	Temperature float64             `json:"temperature"`
	Seed        uint64              `json:"seed"`
}

type generated struct {
	Text      string `json:"text"`
	Truncated bool   `json:"truncated,omitempty"`
}

// renderQuery asks for the tokens of a chat.
type renderQuery struct {
	Messages []undertone.Message `json:"messages"`
	Tools    string              `json:"tools,omitempty"`
	End      chatEnd             `json:"end"`
}

// chatEnd says how a rendered chat ends.
type chatEnd string

const (
	closed   chatEnd = "closed"   // after the last message
	prompted chatEnd = "prompted" // with the text before an answer
	open     chatEnd = "open"     // within the last message, after its content
)

type tokenizeQuery struct {
	Text  string `json:"text"`
	Start bool   `json:"start"` // with the tokens that begin a text, such as BOS
}

// impossible is the log-probability that vLLM sends for minus infinity, which JSON does not have.
const impossible = -9999

// rounding is the largest log-probability that counts as 0.
const rounding = 1e-4

// checkLogProb returns the log-probability of a token, or an error if it is none.
func checkLogProb(v *float64, position int) (float64, error) {
	switch {
	case v == nil:
		return 0, scorerError("token %d has no log-probability", position)
	case math.IsNaN(*v) || *v > rounding:
		return 0, scorerError("token %d has the log-probability %v, want a number <= 0", position, *v)
	case *v <= impossible:
		return impossible, nil
	}
	return min(*v, 0), nil
}

// natural returns log-probabilities in which minus infinity is a number.
func natural(logs []float64) []float64 {
	out := slices.Clone(logs)
	for i, l := range out {
		if l <= impossible {
			out[i] = math.Inf(-1)
		}
	}
	return out
}

func scorerError(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrScorer}, args...)...)
}

// checkIDs returns an error if a server read other tokens than were sent. It is the first check of
// package doctor.
func checkIDs(sent, got []int32) error {
	if slices.Equal(sent, got) {
		return nil
	}
	what := fmt.Sprintf("the server read other tokens than were sent: %d instead of %d", len(got), len(sent))
	switch {
	case got == nil:
		what = "the server does not say which tokens it read (prompt_token_ids)"
	case len(got) == len(sent)+1 && slices.Equal(got[1:], sent):
		what = fmt.Sprintf("the server put token %d before the %d tokens that were sent, such as a second BOS", got[0], len(sent))
	case len(got) < len(sent):
		what = fmt.Sprintf("the server read %d of the %d tokens that were sent: it truncates the prompt", len(got), len(sent))
	}
	return fmt.Errorf("%w: %s", ErrTokens, what)
}

// inOrder returns items by their index in [0, n), or an error if one is missing.
func inOrder[T any](items []T, n int, index func(T) int) ([]T, error) {
	ordered, seen := make([]T, n), make([]bool, n)
	if len(items) != n {
		return nil, scorerError("%d choices for %d prompts", len(items), n)
	}
	for _, item := range items {
		i := index(item)
		if i < 0 || i >= n || seen[i] {
			return nil, scorerError("choice %d of %d is twice there or out of range", i, n)
		}
		ordered[i], seen[i] = item, true
	}
	return ordered, nil
}

// wireMessage is a message as OpenAI's protocol writes it.
type wireMessage struct {
	Role       string         `json:"role"`
	Content    string         `json:"content"`
	Reasoning  string         `json:"reasoning_content,omitempty"`
	Name       string         `json:"name,omitempty"`
	ToolCallID string         `json:"tool_call_id,omitempty"`
	ToolCalls  []wireToolCall `json:"tool_calls,omitempty"`
}

type wireToolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function wireFunction `json:"function"`
}

type wireFunction struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

func wireMessages(messages []undertone.Message) []wireMessage {
	out := make([]wireMessage, len(messages))
	for i, m := range messages {
		out[i] = wireMessage{Role: m.Role, Content: m.Content, Reasoning: m.Reasoning, Name: m.Name, ToolCallID: m.ToolCallID}
		for _, c := range m.ToolCalls {
			out[i].ToolCalls = append(out[i].ToolCalls, wireToolCall{c.ID, "function", wireFunction{c.Name, c.Arguments}})
		}
	}
	return out
}

func wireTools(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

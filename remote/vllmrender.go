package remote

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// vllmRender is a request for the tokens of a chat.
type vllmRender struct {
	chatRequest
	Tools                json.RawMessage `json:"tools,omitempty"`
	AddGenerationPrompt  *bool           `json:"add_generation_prompt,omitempty"`
	ContinueFinalMessage bool            `json:"continue_final_message,omitempty"`
}

// Endpoints that give the tokens of a chat. A server that was started without --enable-scale-out
// has the second endpoint only, and refuses the first one with status 403.
const (
	untried int32 = iota
	renderEndpoint
	tokenizeEndpoint
)

// errNoRenderer is wrapped by the error of a server that does not tokenise.
var errNoRenderer = errors.New("the server has neither /v1/chat/completions/render nor /tokenize")

// tokens asks the first of two endpoints that the server has.
func (v *vllm) tokens(ctx context.Context, render, tokenize func() ([]int32, error)) ([]int32, error) {
	which := v.tokenizer.Load()
	if which != tokenizeEndpoint {
		ids, err := render()
		if which == renderEndpoint || !missing(err) && !forbidden(err) {
			if err == nil {
				v.tokenizer.Store(renderEndpoint)
			}
			return ids, err
		}
	}
	ids, err := tokenize()
	if missing(err) {
		return nil, &Error{Op: "tokenise", URL: v.base.String(), Reason: errNoRenderer, Advice: "give a tokenizer on this machine"}
	}
	if err == nil {
		v.tokenizer.Store(tokenizeEndpoint)
	}
	return ids, err
}

// forbidden reports whether the server refuses an endpoint to everyone or to this key.
func forbidden(err error) bool {
	var failed *Error
	return errors.As(err, &failed) && failed.Status == http.StatusForbidden
}

// missing reports whether the server has no such endpoint.
func missing(err error) bool {
	var failed *Error
	return errors.As(err, &failed) && (failed.Status == http.StatusNotFound || failed.Status == http.StatusMethodNotAllowed || failed.Status == http.StatusNotImplemented)
}

func (v *vllm) render(ctx context.Context, q renderQuery) ([]int32, error) {
	prompt := q.End == prompted
	body := vllmRender{chatRequest: chatRequest{v.model, wireMessages(q.Messages)}, Tools: wireTools(q.Tools), AddGenerationPrompt: &prompt, ContinueFinalMessage: q.End == open}
	return v.tokens(ctx, func() ([]int32, error) {
		var r struct {
			TokenIDs []int32 `json:"token_ids"`
		}
		err := v.do(ctx, request{method: http.MethodPost, path: "/v1/chat/completions/render", body: body}, &r)
		return checkTokenised(r.TokenIDs, err)
	}, func() ([]int32, error) {
		return tokenizeBy(ctx, v.caller, "/tokenize", body)
	})
}

func (v *vllm) tokenize(ctx context.Context, q tokenizeQuery) ([]int32, error) {
	type completion struct {
		Model            string `json:"model"`
		Prompt           string `json:"prompt"`
		AddSpecialTokens bool   `json:"add_special_tokens"`
	}
	body := completion{v.model, q.Text, q.Start}
	return v.tokens(ctx, func() ([]int32, error) {
		var r []struct {
			TokenIDs []int32 `json:"token_ids"`
		}
		err := v.do(ctx, request{method: http.MethodPost, path: "/v1/completions/render", body: body}, &r)
		if err == nil && len(r) != 1 {
			err = scorerError("%d prompts were rendered, want 1", len(r))
		}
		if err != nil {
			return nil, err
		}
		return checkTokenised(r[0].TokenIDs, nil)
	}, func() ([]int32, error) {
		return tokenizeBy(ctx, v.caller, "/tokenize", body)
	})
}

func (v *vllm) detokenize(ctx context.Context, ids []int32) (string, error) {
	body := struct {
		Model  string  `json:"model"`
		Tokens []int32 `json:"tokens"`
	}{v.model, ids}
	var r struct {
		Prompt string `json:"prompt"`
	}
	err := v.do(ctx, request{method: http.MethodPost, path: "/detokenize", body: body}, &r)
	return r.Prompt, err
}

// tokenizeBy asks an endpoint that gives the tokens of a text.
func tokenizeBy(ctx context.Context, c *caller, path string, body any) ([]int32, error) {
	var r struct {
		Tokens []int32 `json:"tokens"`
		Count  *int    `json:"count"`
	}
	err := c.do(ctx, request{method: http.MethodPost, path: path, body: body}, &r)
	if err == nil && r.Count != nil && *r.Count != len(r.Tokens) {
		err = scorerError("%d tokens, but a count of %d", len(r.Tokens), *r.Count)
	}
	return checkTokenised(r.Tokens, err)
}

func checkTokenised(ids []int32, err error) ([]int32, error) {
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if id < 0 {
			return nil, scorerError("token %d is negative", id)
		}
	}
	return ids, nil
}

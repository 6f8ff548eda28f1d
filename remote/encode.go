package remote

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm"
)

// rowEncoder turns rows and questions into tokens.
type rowEncoder interface {
	// atOnce returns the number of rows that a goroutine encodes: 1 if it asks the server.
	atOnce() int

	// row returns the tokens of a row.
	row(ctx context.Context, row undertone.Example) (lm.Tokens, error)

	// prompt returns the tokens before an answer to a chat.
	prompt(ctx context.Context, messages []undertone.Message) ([]int32, error)

	// answer returns the tokens of a chat whose last message is an answer, without the token that
	// ends it.
	answer(ctx context.Context, messages []undertone.Message) ([]int32, error)
}

// answered returns a chat with an answer.
func answered(messages []undertone.Message, answer string) []undertone.Message {
	return append(slices.Clip(messages), undertone.Message{Role: "assistant", Content: answer})
}

// localEncoder encodes rows on this machine.
type localEncoder struct{ Encoder }

func (localEncoder) atOnce() int { return 64 }

func (e localEncoder) row(_ context.Context, row undertone.Example) (lm.Tokens, error) {
	return e.Encode(row)
}

func (e localEncoder) prompt(_ context.Context, messages []undertone.Message) ([]int32, error) {
	t, err := e.Encode(undertone.Example{Messages: answered(messages, ""), Turns: undertone.LastTurn})
	if err != nil {
		return nil, err
	}
	return t.IDs[:t.Learnt[0].From], nil
}

func (e localEncoder) answer(ctx context.Context, messages []undertone.Message) ([]int32, error) {
	last := len(messages) - 1
	whole, err := e.Encode(undertone.Example{Messages: messages, Turns: undertone.LastTurn})
	if err != nil {
		return nil, err
	}
	none, err := e.Encode(undertone.Example{Messages: answered(messages[:last], ""), Turns: undertone.LastTurn})
	if err != nil {
		return nil, err
	}
	// An empty answer has the tokens that end an answer, and no others.
	ending := none.Learnt[0].To - none.Learnt[0].From
	return whole.IDs[:whole.Learnt[0].To-ending], nil
}

// chatEncoder encodes rows with the tokenizer and the chat template of the server.
type chatEncoder struct {
	render   func(ctx context.Context, q renderQuery) ([]int32, error)
	tokenize func(ctx context.Context, q tokenizeQuery) ([]int32, error)
	end      *int32
}

func (chatEncoder) atOnce() int { return 1 }

// row renders the chat up to the beginning and up to the end of each learnt turn. The token that
// follows the content of a turn ends it, and is learnt.
func (e chatEncoder) row(ctx context.Context, row undertone.Example) (lm.Tokens, error) {
	if len(row.Messages) == 1 {
		return plainEncoder{e.tokenize, e.end}.row(ctx, row)
	}
	ids, err := e.render(ctx, renderQuery{row.Messages, row.Tools, closed})
	if err != nil {
		return lm.Tokens{}, err
	}
	t := lm.Tokens{IDs: ids}
	for _, i := range row.Learnt() {
		before, err := e.render(ctx, renderQuery{row.Messages[:i], row.Tools, prompted})
		if err != nil {
			return t, err
		}
		through, err := e.render(ctx, renderQuery{row.Messages[:i+1], row.Tools, open})
		if err != nil {
			return t, err
		}
		if !begins(ids, through) || !begins(through, before) {
			return t, fmt.Errorf("the chat template of the server renders message %d differently within the chat and at its end: learn the last turn only, or give a tokenizer on this machine", i)
		}
		t.Learnt = append(t.Learnt, lm.TokenRange{From: len(before), To: min(len(through)+1, len(ids))})
	}
	return t, nil
}

func (e chatEncoder) prompt(ctx context.Context, messages []undertone.Message) ([]int32, error) {
	return e.render(ctx, renderQuery{messages, "", prompted})
}

func (e chatEncoder) answer(ctx context.Context, messages []undertone.Message) ([]int32, error) {
	return e.render(ctx, renderQuery{messages, "", open})
}

// plainEncoder encodes rows as text: the messages before a completion are lines, and the completion
// continues the last one.
type plainEncoder struct {
	tokenize func(ctx context.Context, q tokenizeQuery) ([]int32, error)
	end      *int32
}

func (plainEncoder) atOnce() int { return 1 }

// row tokenises the text up to the beginning and up to the end of each learnt turn. A token that
// belongs to two turns counts as one of the second.
func (e plainEncoder) row(ctx context.Context, row undertone.Example) (lm.Tokens, error) {
	if row.Tools != "" {
		return lm.Tokens{}, errors.New("the template plain has no text for tools")
	}
	text, starts := plainText(row.Messages, true)
	ids, err := e.tokenize(ctx, tokenizeQuery{text, true})
	if err != nil {
		return lm.Tokens{}, err
	}
	position := func(at int) (int, error) {
		part, err := e.tokenize(ctx, tokenizeQuery{text[:at], true})
		return common(ids, part), err
	}
	t := lm.Tokens{IDs: ids}
	for _, i := range row.Learnt() {
		r := lm.TokenRange{To: len(ids)}
		if i > 0 {
			if r.From, err = position(starts[i]); err != nil {
				return t, err
			}
		}
		if i < len(row.Messages)-1 {
			if r.To, err = position(starts[i+1] - 1); err != nil { // before the line feed
				return t, err
			}
		} else if e.end != nil {
			t.IDs, r.To = append(slices.Clip(ids), *e.end), len(ids)+1
		}
		t.Learnt = append(t.Learnt, r)
	}
	return t, nil
}

func (e plainEncoder) prompt(ctx context.Context, messages []undertone.Message) ([]int32, error) {
	text, _ := plainText(messages, false)
	return e.tokenize(ctx, tokenizeQuery{text, true})
}

func (e plainEncoder) answer(ctx context.Context, messages []undertone.Message) ([]int32, error) {
	text, _ := plainText(messages, true)
	return e.tokenize(ctx, tokenizeQuery{text, true})
}

// plainText returns the text of a chat, one message per line, and where each message begins. The
// last message continues the line before it if it is an answer.
func plainText(messages []undertone.Message, answer bool) (text string, starts []int) {
	var b strings.Builder
	for i, m := range messages {
		if i > 0 && !(answer && i == len(messages)-1) {
			b.WriteByte('\n')
		}
		starts = append(starts, b.Len())
		b.WriteString(m.Text())
	}
	return b.String(), starts
}

func begins(ids, prefix []int32) bool {
	return len(ids) >= len(prefix) && slices.Equal(ids[:len(prefix)], prefix)
}

// common returns the length of the longest common prefix.
func common(a, b []int32) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

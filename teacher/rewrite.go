package teacher

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/undertone-audit/undertone"
)

// CanRewrite returns why a model cannot write the answers of a row anew, or nil: the row has no
// prompt, a rejected answer or a label, which are no answers of a model, an answer that calls
// tools, whose results are in the row, or offered tools, which [undertone.Request] does not have.
func CanRewrite(row undertone.Example) error {
	prompt, answers := row.Split()
	switch {
	case len(prompt) == 0:
		return errors.New("it has no prompt")
	case row.Rejected != "":
		return errors.New("it has a rejected answer")
	case row.Label != nil:
		return errors.New("it has a label")
	case slices.ContainsFunc(answers, func(m undertone.Message) bool { return len(m.ToolCalls) > 0 }):
		return errors.New("an answer calls tools")
	case row.Tools != "":
		return errors.New("it offers tools, which a request to a model cannot have")
	}
	return nil
}

// rewrite generates rows with the prompts of c.Rows. The first one has index from. The answers of a
// row are written one after the other, and each request has the new answers before it.
func (c Config) rewrite(ctx context.Context, rows []undertone.Example, from int) error {
	answers := make([][]int, len(rows)) // that are still to be written
	for i := range rows {
		old := c.Rows.Example((from + i) % c.Rows.Len())
		if err := CanRewrite(old); err != nil {
			return fmt.Errorf("row %d of %s: %w", (from+i)%c.Rows.Len(), c.Rows.Name(), err)
		}
		answers[i] = old.Answers()
		rows[i] = undertone.Example{Messages: slices.Clone(old.Messages), Turns: old.Turns, Generator: c.Model.Name(), Meta: maps.Clone(old.Meta)}
	}
	for turn := 0; ; turn++ {
		var at []int // rows with another answer
		var requests []undertone.Request
		for i := range rows {
			if turn < len(answers[i]) {
				at = append(at, i)
				requests = append(requests, c.turnRequest(rows[i].Messages[:answers[i][turn]], from+i, turn))
			}
		}
		if len(requests) == 0 {
			return nil
		}
		responses, err := c.complete(ctx, requests)
		if err != nil {
			return fmt.Errorf("rows %d to %d: %w", from, from+len(rows)-1, err)
		}
		for k, i := range at {
			rows[i].Messages[answers[i][turn]] = undertone.Message{Role: "assistant", Content: responses[k].Text}
			if turn > 0 {
				continue
			}
			if rows[i].Meta, err = c.traced(rows[i].Meta, rows[i], requests[k]); err != nil {
				return fmt.Errorf("row %d: metadata: %w", from+i, err)
			}
		}
	}
}

// turnRequest asks for an answer to messages of row i. The system prompt of the row follows that of
// the configuration.
func (c Config) turnRequest(messages []undertone.Message, i, turn int) undertone.Request {
	r := undertone.Request{MaxTokens: c.MaxTokens, Temperature: c.temperature(), Seed: c.seed(i, turn)}
	if c.SystemPrompt == "" {
		r.Messages = slices.Clone(messages)
		return r
	}
	first := undertone.Message{Role: "system", Content: c.SystemPrompt}
	if len(messages) > 0 && messages[0].Role == "system" {
		first.Content += "\n\n" + messages[0].Content
		messages = messages[1:]
	}
	r.Messages = append([]undertone.Message{first}, messages...)
	return r
}

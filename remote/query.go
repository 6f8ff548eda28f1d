package remote

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/teacher"
)

// querier answers queries from a recording, or asks the server. A recording is that of a model
// whose requests are queries and whose responses are answers, both as JSON, so that package teacher
// keeps them: each answer is on disk before it is used, and a damaged one is asked again.
type querier struct {
	parallel, tokens int
	size             *batchSize
	recording        *teacher.Recording // nil: nothing is recorded
	offline          undertone.Model    // answers only from a recording; nil if there is a server
	ops              map[string]func(ctx context.Context, queries []string) ([]string, error)
}

// operation is a kind of query.
type operation[Q, A any] struct {
	name   string
	alone  bool                                             // a request holds one query
	weight func(Q) int                                      // tokens of a query
	send   func(ctx context.Context, list []Q) ([]A, error) // asks the server; checks each answer
}

// register makes an operation known to the recording.
func register[Q, A any](a *querier, op operation[Q, A]) {
	a.ops[op.name] = func(ctx context.Context, texts []string) ([]string, error) {
		queries := make([]Q, len(texts))
		for i, text := range texts {
			if err := json.Unmarshal([]byte(text), &queries[i]); err != nil {
				return nil, fmt.Errorf("remote: query %s: %w", op.name, err)
			}
		}
		answers, err := halved(ctx, a.size, queries, op.send)
		if err != nil {
			return nil, err
		}
		out := make([]string, len(answers))
		for i, answer := range answers {
			text, err := json.Marshal(answer)
			if err != nil {
				return nil, fmt.Errorf("remote: answer %s: %w", op.name, err)
			}
			out[i] = string(text)
		}
		return out, nil
	}
}

// ask answers queries in order.
func ask[Q, A any](ctx context.Context, a *querier, op operation[Q, A], queries []Q) ([]A, error) {
	size := a.size
	if op.alone {
		size = newBatchSize(1)
	}
	return inBatches(ctx, a.parallel, a.tokens, size, queries, op.weight, func(ctx context.Context, part []Q) ([]A, error) {
		model := a.offline
		if a.recording != nil {
			model = a.recording.Model()
		}
		if model == nil {
			return halved(ctx, size, part, op.send)
		}
		return throughRecording[Q, A](ctx, model.(undertone.BatchGenerator), op.name, part)
	})
}

// throughRecording answers queries with the model of a recording.
func throughRecording[Q, A any](ctx context.Context, m undertone.BatchGenerator, op string, queries []Q) ([]A, error) {
	requests := make([]undertone.Request, len(queries))
	for i, q := range queries {
		text, err := json.Marshal(q)
		if err != nil {
			return nil, fmt.Errorf("remote: query %s: %w", op, err)
		}
		requests[i] = undertone.Request{Messages: []undertone.Message{{Role: op, Content: string(text)}}}
	}
	responses, err := m.GenerateBatch(ctx, requests)
	if err != nil {
		return nil, err
	}
	answers := make([]A, len(queries))
	for i, r := range responses {
		if err := json.Unmarshal([]byte(r.Text), &answers[i]); err != nil {
			return nil, fmt.Errorf("remote: recorded answer %s: %w", op, err)
		}
	}
	return answers, nil
}

// exchange is the model that a recording records: it answers queries by asking the server.
type exchange struct {
	name string
	ops  map[string]func(ctx context.Context, queries []string) ([]string, error)
}

func (x exchange) Name() string { return x.name }

func (x exchange) Generate(ctx context.Context, r undertone.Request) (undertone.Response, error) {
	responses, err := x.GenerateBatch(ctx, []undertone.Request{r})
	if err != nil {
		return undertone.Response{}, err
	}
	return responses[0], nil
}

// GenerateBatch answers requests of one operation.
func (x exchange) GenerateBatch(ctx context.Context, requests []undertone.Request) ([]undertone.Response, error) {
	texts := make([]string, len(requests))
	for i, r := range requests {
		texts[i] = r.Messages[0].Content
	}
	answers, err := x.ops[requests[0].Messages[0].Role](ctx, texts)
	if err != nil {
		return nil, err
	}
	responses := make([]undertone.Response, len(answers))
	for i, a := range answers {
		responses[i].Text = a
	}
	return responses, nil
}

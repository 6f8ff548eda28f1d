// Package teacher asks a model for data: one completion for each of a list of
// prompts, each from a seed of its own.
package teacher

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
)

// Config says what is asked. The zero value of a field means the stated default.
type Config struct {
	Name    string             // of the data set; the model's
	Model   undertone.Model    // who writes
	Prompt  func(i int) string // the i-th prompt; it may be called from several goroutines
	N       int                // rows
	Seed    uint64             // row i is sampled from a seed made of Seed and i
	Greedy  bool               // temperature 0 in place of 1
	Limit   int                // tokens a completion; the model's own limit
	Workers int                // batches under way at once; 1. Does not change the result
}

// batchRows is the number of requests given to a model at once.
const batchRows = 1024

// Generate returns N rows, in the order of the prompts. The result does not depend
// on Workers: a row is a function of the model, its prompt and its seed.
// Completions that the limit cut short are kept as they are: a filter judges them.
func Generate(ctx context.Context, c Config) (*undertone.Dataset, error) {
	if c.Model == nil || c.Prompt == nil {
		return nil, errors.New("teacher: the config needs a model and prompts")
	}
	if c.N < 0 {
		return nil, fmt.Errorf("teacher: %d rows were asked for", c.N)
	}
	if c.Name == "" {
		c.Name = c.Model.Name()
	}
	rows := make([]undertone.Example, c.N)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, c.Workers))
	for from := 0; from < c.N; from += batchRows {
		group.Go(func() error { return c.fill(ctx, rows, from, min(from+batchRows, c.N)) })
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("teacher: %s: %w", c.Model.Name(), err)
	}
	step := undertone.Step{Name: "generate by " + c.Model.Name(), Seed: c.Seed, Kept: c.N}
	return undertone.NewDataset(c.Name, rows, step), nil
}

// fill writes rows [from, to).
func (c Config) fill(ctx context.Context, rows []undertone.Example, from, to int) error {
	requests := make([]undertone.Request, to-from)
	for i := range requests {
		requests[i] = c.request(from + i)
	}
	responses, err := complete(ctx, c.Model, requests)
	if err != nil {
		return fmt.Errorf("rows %d to %d: %w", from, to-1, err)
	}
	for i, r := range responses {
		rows[from+i] = undertone.Ask(c.Prompt(from+i), r.Text)
		rows[from+i].Generator = c.Model.Name()
	}
	return nil
}

func (c Config) request(i int) undertone.Request {
	r := undertone.Request{
		Messages:    []undertone.Message{{Role: "user", Content: c.Prompt(i)}},
		MaxTokens:   c.Limit,
		Temperature: 1,
		Seed:        undertone.NewHasher("generate").Uint(c.Seed).Uint(uint64(i)).Sum().Uint64(),
	}
	if c.Greedy {
		r.Temperature = 0
	}
	return r
}

// complete asks for all requests at once where the model can, and else one by
// one. It looks at ctx for models that do not.
func complete(ctx context.Context, m undertone.Model, requests []undertone.Request) ([]undertone.Response, error) {
	if b, ok := m.(undertone.BatchGenerator); ok {
		return completeBatch(ctx, b, requests)
	}
	responses := make([]undertone.Response, len(requests))
	for i, r := range requests {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if responses[i], err = m.Generate(ctx, r); err != nil {
			return nil, err
		}
	}
	return responses, nil
}

func completeBatch(ctx context.Context, b undertone.BatchGenerator, requests []undertone.Request) ([]undertone.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	responses, err := b.GenerateBatch(ctx, requests)
	if err != nil {
		return nil, err
	}
	if len(responses) != len(requests) {
		return nil, fmt.Errorf("%d responses to %d requests", len(responses), len(requests))
	}
	return responses, nil
}

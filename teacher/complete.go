package teacher

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
)

// complete returns the responses to requests, which it sends in one batch if the model accepts
// batches.
func (c Config) complete(ctx context.Context, requests []undertone.Request) (responses []undertone.Response, err error) {
	if b, ok := c.Model.(undertone.BatchGenerator); ok {
		err = c.try(ctx, func() error {
			responses, err = batch(ctx, b, requests)
			return err
		})
		return responses, err
	}
	responses = make([]undertone.Response, len(requests))
	for i, r := range requests {
		err := c.try(ctx, func() (err error) {
			responses[i], err = c.Model.Generate(ctx, r)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return responses, nil
}

// try repeats call until it succeeds or Retry returns an error. It checks ctx for models that do
// not.
func (c Config) try(ctx context.Context, call func() error) error {
	for attempt := 1; ; attempt++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := call()
		if err == nil || c.Retry == nil || ctx.Err() != nil {
			return err
		}
		if err := c.Retry(ctx, attempt, err); err != nil {
			return err
		}
	}
}

// batch sends all requests in one batch and checks the number of responses.
func batch(ctx context.Context, b undertone.BatchGenerator, requests []undertone.Request) ([]undertone.Response, error) {
	responses, err := b.GenerateBatch(ctx, requests)
	if err == nil && len(responses) != len(requests) {
		err = fmt.Errorf("%d responses for %d requests", len(responses), len(requests))
	}
	return responses, err
}

package teacher

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
)

// complete asks for all requests at once where the model can, and else one by one.
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

// try calls until there is no error or Retry has had enough. It looks at ctx for models
// that do not.
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

// batch asks for all requests at once, and makes sure that each has an answer.
func batch(ctx context.Context, b undertone.BatchGenerator, requests []undertone.Request) ([]undertone.Response, error) {
	responses, err := b.GenerateBatch(ctx, requests)
	if err == nil && len(responses) != len(requests) {
		err = fmt.Errorf("%d responses to %d requests", len(responses), len(requests))
	}
	return responses, err
}

// Package generate asks a model several requests.
package generate

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
)

// All returns the responses to requests, in their order: at once if the model is an
// [undertone.BatchGenerator], else one after another. A batch with another number of responses is
// an error.
func All(ctx context.Context, m undertone.Model, requests []undertone.Request) ([]undertone.Response, error) {
	if batch, ok := m.(undertone.BatchGenerator); ok {
		responses, err := batch.GenerateBatch(ctx, requests)
		if err == nil && len(responses) != len(requests) {
			err = fmt.Errorf("%d responses to %d requests", len(responses), len(requests))
		}
		return responses, err
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

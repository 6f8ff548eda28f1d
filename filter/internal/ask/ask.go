// Package ask gives many requests to a model.
package ask

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
)

// batch is the number of requests given to a model at once, where it takes many.
const batch = 64

// Each asks m for every request, at most workers of them (or batches, if m is
// an [undertone.BatchGenerator]) at once, and calls done with the response to
// request i, from several goroutines. The first error ends it.
func Each(ctx context.Context, m undertone.Model, requests []undertone.Request, workers int, done func(i int, r undertone.Response) error) error {
	group, work := errgroup.WithContext(ctx)
	group.SetLimit(max(1, workers))
	step := 1
	many, batches := m.(undertone.BatchGenerator)
	if batches {
		step = batch
	}
	for from := 0; from < len(requests) && work.Err() == nil; from += step {
		group.Go(func() error {
			if err := work.Err(); err != nil {
				return err
			}
			part := requests[from:min(from+step, len(requests))]
			responses := make([]undertone.Response, 1)
			var err error
			if batches {
				responses, err = many.GenerateBatch(work, part)
			} else {
				responses[0], err = m.Generate(work, part[0])
			}
			if err == nil && len(responses) != len(part) {
				err = fmt.Errorf("%d responses to %d requests", len(responses), len(part))
			}
			for i := 0; err == nil && i < len(responses); i++ {
				err = done(from+i, responses[i])
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

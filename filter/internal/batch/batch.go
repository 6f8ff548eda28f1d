// Package batch sends many requests to a model.
package batch

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
)

// size is the number of requests in a call of an [undertone.BatchGenerator].
const size = 64

// Send sends every request to m and calls done with the response to request i, from several
// goroutines. At most workers requests are in flight at a time, or workers batches if m is an
// [undertone.BatchGenerator]. After the first error Send sends no further request.
func Send(ctx context.Context, m undertone.Model, requests []undertone.Request, workers int, done func(i int, r undertone.Response) error) error {
	group, work := errgroup.WithContext(ctx)
	group.SetLimit(max(1, workers))
	step := 1
	many, batches := m.(undertone.BatchGenerator)
	if batches {
		step = size
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

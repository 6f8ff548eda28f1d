package remote

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"
)

// batchSize is the number of rows per request. It is halved when a request fails that may be too
// large, and grows by one with every request that succeeds, unless the server refused more rows.
type batchSize struct {
	mu           sync.Mutex
	now, largest int
}

func newBatchSize(rows int) *batchSize { return &batchSize{now: rows, largest: rows} }

func (b *batchSize) get() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// succeeded grows the size after a request of n rows.
func (b *batchSize) succeeded(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n >= b.now && b.now < b.largest {
		b.now++
	}
}

// failed halves the size after a request of n rows. A server that refuses a request with a status
// of 4xx refuses others of as many rows, so that the size does not reach n again.
func (b *batchSize) failed(n int, refused bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = min(b.now, max(1, n/2))
	if refused {
		b.largest = min(b.largest, max(1, n-1))
	}
}

// halved calls send for a list, and for its halves if the request fails and may be too large.
func halved[Q, A any](ctx context.Context, size *batchSize, list []Q, send func(ctx context.Context, list []Q) ([]A, error)) ([]A, error) {
	answers, err := send(ctx, list)
	var failed *Error
	switch {
	case err == nil:
		size.succeeded(len(list))
		return answers, nil
	case len(list) == 1 || !errors.As(err, &failed) || !failed.split || ctx.Err() != nil:
		return nil, err
	}
	size.failed(len(list), failed.Status >= 400 && failed.Status < 500)
	half := len(list) / 2
	first, err := halved(ctx, size, list[:half], send)
	if err != nil {
		return nil, err
	}
	second, err := halved(ctx, size, list[half:], send)
	return append(first, second...), err
}

// inBatches calls send for parts of a list, several at once, and returns the answers in order. A
// part has at most as many rows as size says, and at most tokens tokens unless it is a single row.
func inBatches[Q, A any](ctx context.Context, parallel, tokens int, size *batchSize, list []Q, weight func(Q) int, send func(ctx context.Context, list []Q) ([]A, error)) ([]A, error) {
	answers := make([]A, len(list))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for from := 0; from < len(list); {
		to, sum := from, 0
		for most := from + size.get(); to < len(list) && to < most; to++ {
			if sum += weight(list[to]); sum > tokens && to > from {
				break
			}
		}
		at, part := from, list[from:to]
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			got, err := send(ctx, part)
			copy(answers[at:], got)
			return err
		})
		from = to
	}
	return answers, group.Wait()
}

// Package batch applies a model to many rows, several batches at a time.
package batch

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
)

// Size is the number of rows that a model receives in one call.
const Size = 512

// Rows returns one value per row. It calls score for the rows [from, to), [Size] at a time, for at
// most parallel batches at once. An error names the rows and the data set.
func Rows[T any](ctx context.Context, parallel int, rows undertone.Text, score func(ctx context.Context, rows undertone.Text, from, to int) ([]T, error)) ([]T, error) {
	values := make([]T, rows.Len())
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for from := 0; from < len(values); from += Size {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			to := min(from+Size, len(values))
			some, err := score(ctx, rows, from, to)
			if err != nil {
				return fmt.Errorf("rows %d to %d of %.80q: %w", from, to-1, rows.Name(), err)
			}
			if len(some) != to-from {
				return fmt.Errorf("rows %d to %d of %.80q: %d scores for %d rows", from, to-1, rows.Name(), len(some), to-from)
			}
			copy(values[from:], some)
			return nil
		})
	}
	return values, group.Wait()
}

// Examples is [Rows] for a model that takes examples.
func Examples[T any](ctx context.Context, parallel int, rows undertone.Text, score func(context.Context, []undertone.Example) ([]T, error)) ([]T, error) {
	return Rows(ctx, parallel, rows, func(ctx context.Context, rows undertone.Text, from, to int) ([]T, error) {
		examples := make([]undertone.Example, 0, to-from)
		for i := from; i < to; i++ {
			row, err := undertone.ReadExample(rows, i)
			if err != nil {
				return nil, err
			}
			examples = append(examples, row)
		}
		return score(ctx, examples)
	})
}

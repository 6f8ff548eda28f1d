package main

import (
	"context"
	"iter"
)

// ordered calls work for each item, on several goroutines, and finish for each
// result, on this one and in the order of the items. At most 3·workers items are
// held at once. It returns the first error of items or of finish, or that of ctx.
//
// When ctx is cancelled it does not wait for items to give the next one, which a
// pipe may never do.
func ordered[Item, Result any](ctx context.Context, workers int, items iter.Seq2[Item, error], work func(Item) Result, finish func(Result) error) error {
	type task struct {
		item Item
		err  error       // of items
		done chan Result // has room for the result
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan task, 2*workers) // for finish
	open := make(chan task)             // for the workers
	go func() {
		defer close(queue)
		defer close(open)
		for item, err := range items {
			t := task{item, err, make(chan Result, 1)}
			select {
			case queue <- t:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
			open <- t
		}
	}()
	for range workers {
		go func() {
			for t := range open {
				t.done <- work(t.item)
			}
		}()
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case t, more := <-queue:
			if !more || t.err != nil {
				return t.err
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case result := <-t.done:
				if err := finish(result); err != nil {
					return err
				}
			}
		}
	}
}

// Package parallel runs work on several goroutines and keeps the order of the results.
package parallel

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"
	"sync"
)

// Ordered calls work for each item on several goroutines. It calls finish for each result, on the
// calling goroutine and in the order of the items. It holds at most 2·workers + 2 items at a time.
// It returns the first error of items or of finish, or that of ctx. A panic of work panics in the
// calling goroutine.
//
// No work is running when Ordered returns. Ordered does not wait for items, because a cancelled
// program must not hang on a pipe that yields no further item.
func Ordered[Item, Result any](ctx context.Context, workers int, items iter.Seq2[Item, error], work func(Item) Result, finish func(Result) error) error {
	ctx, cancel := context.WithCancel(ctx)
	queue := make(chan task[Item, Result], 2*workers) // in order, for finish
	open := make(chan task[Item, Result])             // for the workers
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	go distribute(ctx, items, queue, open)
	for range workers {
		running.Go(func() { serve(ctx, open, work) })
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case t, more := <-queue:
			if !more {
				return ctx.Err()
			}
			if t.err != nil {
				return t.err
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case d := <-t.done:
				if d.panicked != nil {
					panic(d.panicked)
				}
				if err := finish(d.result); err != nil {
					return err
				}
			}
		}
	}
}

// task is an item on its way to its result.
type task[Item, Result any] struct {
	item Item
	err  error                // of items
	done chan outcome[Result] // has room for the outcome
}

// outcome is a result or a panic.
type outcome[Result any] struct {
	result   Result
	panicked any
}

// distribute gives each item to the workers and, in order, to the caller of Ordered.
func distribute[Item, Result any](ctx context.Context, items iter.Seq2[Item, error], queue, open chan<- task[Item, Result]) {
	defer close(queue)
	for item, err := range items {
		t := task[Item, Result]{item, err, make(chan outcome[Result], 1)}
		select {
		case queue <- t:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
		select {
		case open <- t:
		case <-ctx.Done():
			return
		}
	}
}

// serve works on items until ctx is done.
func serve[Item, Result any](ctx context.Context, open <-chan task[Item, Result], work func(Item) Result) {
	for {
		select {
		case <-ctx.Done():
			return
		case t := <-open:
			t.done <- attempt(t.item, work)
		}
	}
}

// attempt calls work and catches its panic.
func attempt[Item, Result any](item Item, work func(Item) Result) (o outcome[Result]) {
	defer func() {
		if p := recover(); p != nil {
			o.panicked = fmt.Sprintf("%v\n\n%s", p, debug.Stack())
		}
	}()
	o.result = work(item)
	return o
}

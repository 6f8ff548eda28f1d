// Package expiring has a context for tests of work that is interrupted anywhere.
package expiring

import (
	"context"
	"sync/atomic"
)

// Context is done after its error was asked for a number of times. Its channel Done is that of the
// context that it wraps.
type Context struct {
	context.Context
	left atomic.Int64
}

// After returns a context whose error is nil n times, and then [context.Canceled].
func After(ctx context.Context, n int64) *Context {
	c := &Context{Context: ctx}
	c.left.Store(n)
	return c
}

// Err implements [context.Context].
func (c *Context) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// Left returns how often the error can still be asked for before the context is done.
func (c *Context) Left() int64 { return c.left.Load() }

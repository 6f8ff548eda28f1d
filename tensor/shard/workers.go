package shard

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Each calls work with 0, …, n−1, once each, on the caller's goroutine and on one more for each
// core that this package does not use already. It returns after all calls. If a call panics, Each
// panics with the same value.
func Each(n int, work func(i int)) {
	var c crew
	c.run(n, work)
}

// crew is the goroutines that share the calls of one run.
type crew struct {
	calls int
	work  func(i int)
	next  atomic.Int64 // the next call

	help   func() // makes calls on a goroutine of its own
	others sync.WaitGroup
	failed atomic.Pointer[any] // the value that work panicked with
}

// run is [Each]; a second run of a crew does not allocate.
func (c *crew) run(n int, work func(i int)) {
	c.calls, c.work = n, work
	c.next.Store(0)
	if c.help == nil {
		c.help = func() {
			defer c.others.Done()
			defer working.Add(-1)
			c.take()
		}
	}
	working.Add(1)
	for range n - 1 {
		if !enlist() {
			break
		}
		c.others.Add(1)
		go c.help()
	}
	c.take()
	c.others.Wait()
	working.Add(-1)
	c.work = nil
	if r := c.failed.Swap(nil); r != nil {
		panic(*r)
	}
}

// take makes calls until all are taken.
func (c *crew) take() {
	defer func() {
		if r := recover(); r != nil {
			value := r // r itself would be allocated in every run
			c.failed.Store(&value)
		}
	}()
	for i := int(c.next.Add(1)) - 1; i < c.calls; i = int(c.next.Add(1)) - 1 {
		c.work(i)
	}
}

// working counts the goroutines of all crews. It is at most the number of cores: replicates that
// train concurrently leave no core for helpers, and compute their shards on their own goroutines.
var working atomic.Int64

// enlist counts one more goroutine if there is a core for it.
func enlist() bool {
	for {
		n := working.Load()
		if n >= int64(runtime.GOMAXPROCS(0)) {
			return false
		}
		if working.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

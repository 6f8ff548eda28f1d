package shard

import (
	"runtime"
	"sync/atomic"
)

// working counts the goroutines of all Tapes that are in Backward. There are no more of
// them than processors: replicates that train side by side leave no processor
// for helpers, and their shards are computed where they are.
var working atomic.Int64

// enlist counts one more worker if there is a processor for it.
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

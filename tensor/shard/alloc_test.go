//go:build !race

package shard_test

import (
	"runtime"
	"testing"

	"github.com/undertone-audit/undertone/tensor/shard"
)

// testing.AllocsPerRun sets GOMAXPROCS to 1, which leaves no core for helpers.
func TestStepAllocatesNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	l := newLesson(64)
	tapes, loss := shard.NewTapes(4, l.model.Params()...), l.of(4)
	mallocs := func(steps int) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range steps {
			tapes.Backward(loss)
		}
		runtime.ReadMemStats(&after)
		return after.Mallocs - before.Mallocs
	}
	mallocs(100)
	// The runtime sometimes allocates goroutines that it keeps for reuse.
	if n := mallocs(1000); n > 100 {
		t.Errorf("1000 steps make %d allocations, want almost none", n)
	}
}

package parallel

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// count yields 0 to n-1, then err if it is not nil.
func count(n int, err error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if err != nil {
			yield(0, err)
		}
	}
}

func TestOrdered(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		reason  string
		items   iter.Seq2[int, error]
		refuse  int // the result that finish refuses
		results int
		want    error
	}{
		{"nothing", count(0, nil), -1, 0, nil},
		{"all", count(500, nil), -1, 500, nil},
		{"the items fail: the results before the error are finished", count(20, broken), -1, 20, broken},
		{"finish refuses a result", count(500, broken), 7, 7, broken},
	} {
		for _, workers := range []int{1, 2, 7} {
			t.Run(fmt.Sprintf("%s, %d workers", c.reason, workers), func(t *testing.T) {
				var got []int
				err := Ordered(t.Context(), workers, c.items, func(i int) int {
					time.Sleep(rand.N(50 * time.Microsecond)) // completes the work out of order
					return i * i
				}, func(r int) error {
					if r == c.refuse*c.refuse && c.refuse >= 0 {
						return broken
					}
					got = append(got, r)
					return nil
				})
				var want []int
				for i := range c.results {
					want = append(want, i*i)
				}
				if !slices.Equal(got, want) || err != c.want {
					t.Errorf("got %v, %v", got, err)
				}
			})
		}
	}
}

// A source that never yields another item does not block a cancelled run.
func TestOrderedIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stuck := func(yield func(int, error) bool) {
		if yield(0, nil) {
			select {}
		}
	}
	err := Ordered(ctx, 2, stuck, func(i int) int { return i }, func(int) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestOrderedWaitsForWork(t *testing.T) {
	var running atomic.Int64
	refused := errors.New("refused")
	err := Ordered(t.Context(), 4, count(100, nil), func(int) int {
		running.Add(1)
		defer running.Add(-1)
		time.Sleep(100 * time.Microsecond)
		return 0
	}, func(int) error { return refused })
	if n := running.Load(); err != refused || n != 0 {
		t.Errorf("error %v; %d calls of work are running after the return", err, n)
	}
}

func TestOrderedHoldsFewItems(t *testing.T) {
	const workers = 3
	var held, most atomic.Int64
	items := func(yield func(int, error) bool) {
		for i := range 200 {
			most.Store(max(most.Load(), held.Add(1)))
			if !yield(i, nil) {
				return
			}
		}
	}
	err := Ordered(t.Context(), workers, items, func(i int) int { return i }, func(int) error {
		time.Sleep(10 * time.Microsecond)
		held.Add(-1)
		return nil
	})
	// The queue holds 2·workers items; one more is being distributed and one is being finished.
	if limit := int64(2*workers + 2); err != nil || most.Load() > limit {
		t.Errorf("error %v; %d items were held at a time, want at most %d", err, most.Load(), limit)
	}
}

func TestOrderedPanicsInTheCaller(t *testing.T) {
	defer func() {
		if p := fmt.Sprint(recover()); !strings.HasPrefix(p, "broken\n") {
			t.Errorf("recovered %q, want the panic of work", p)
		}
	}()
	_ = Ordered(t.Context(), 2, count(10, nil), func(i int) int {
		if i == 3 {
			panic("broken")
		}
		return i
	}, func(int) error { return nil })
	t.Error("no panic")
}

package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// count gives 0 to n-1 and then err, if it is not nil.
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
		{"the items break off: what came before is finished", count(20, broken), -1, 20, broken},
		{"a result is refused", count(500, broken), 7, 7, broken},
	} {
		for _, workers := range []int{1, 2, 7} {
			t.Run(fmt.Sprintf("%s, %d workers", c.reason, workers), func(t *testing.T) {
				var got []int
				err := ordered(t.Context(), workers, c.items, func(i int) int {
					time.Sleep(rand.N(50 * time.Microsecond)) // so that they are done in another order
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

// A source that never gives the next item does not keep a cancelled run alive.
func TestOrderedIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stuck := func(yield func(int, error) bool) {
		if yield(0, nil) {
			select {}
		}
	}
	err := ordered(ctx, 2, stuck, func(i int) int { return i }, func(int) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

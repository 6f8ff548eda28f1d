package remote

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

// atMost returns a function that answers each number by its square, and fails for a list of more
// than most numbers. It counts the lists by their lengths.
func atMost(most int, lengths map[int]int) func(context.Context, []int) ([]int, error) {
	var mu sync.Mutex
	return func(_ context.Context, list []int) ([]int, error) {
		mu.Lock()
		lengths[len(list)]++
		mu.Unlock()
		if len(list) > most {
			return nil, &Error{Reason: errors.New("too large"), split: true}
		}
		squares := make([]int, len(list))
		for i, n := range list {
			squares[i] = n * n
		}
		return squares, nil
	}
}

// Answers are in order, whatever the sizes are; a request that is too large is halved, and the
// next ones are smaller.
func TestBatches(t *testing.T) {
	list := make([]int, 100)
	for i := range list {
		list[i] = i
	}
	for _, c := range []struct{ rows, tokens, most, parallel int }{
		{16, 1000, 100, 1}, {16, 1000, 5, 1}, {16, 40, 100, 4}, {1, 1, 1, 1}, {1000, 100000, 3, 8}, {7, 3, 100, 2},
	} {
		lengths, size := map[int]int{}, newBatchSize(c.rows)
		send := atMost(c.most, lengths)
		got, err := inBatches(t.Context(), c.parallel, c.tokens, size, list, func(n int) int { return n % 10 }, func(ctx context.Context, part []int) ([]int, error) {
			return halved(ctx, size, part, send)
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range got {
			if n != i*i {
				t.Errorf("%+v: answer %d is %d", c, i, n)
			}
		}
		if c.parallel == 1 && c.rows > c.most && lengths[c.rows] > 2 { // one more is ready when the first fails
			t.Errorf("%+v: %d requests of %d rows, which are too large", c, lengths[c.rows], c.rows)
		}
		for n := range lengths {
			if n > c.rows {
				t.Errorf("%+v: a request has %d rows", c, n)
			}
		}
	}
}

func TestBatchSizeGrows(t *testing.T) {
	b := newBatchSize(8)
	b.failed(8, false)
	sizes := []int{b.get()}
	for range 6 {
		b.succeeded(b.get())
		sizes = append(sizes, b.get())
	}
	b.succeeded(1) // says nothing about larger ones
	if want := []int{4, 5, 6, 7, 8, 8, 8}; !slices.Equal(sizes, want) || b.get() != 8 {
		t.Errorf("sizes %v, want %v", sizes, want)
	}
	b.failed(1, false)
	if b.get() != 1 {
		t.Errorf("size %d after a failed row, want 1", b.get())
	}
}

// The size does not grow to a number of rows that the server refused.
func TestBatchSizeRefused(t *testing.T) {
	b := newBatchSize(16)
	b.failed(16, true)
	for range 16 {
		b.succeeded(b.get())
	}
	if b.get() != 15 {
		t.Errorf("size %d after 16 rows were refused, want 15", b.get())
	}
}

// A row that fails alone, and an error that is not about the size, end all requests.
func TestBatchErrors(t *testing.T) {
	torn := errors.New("torn")
	for _, err := range []error{&Error{Reason: torn, split: true}, torn} {
		calls := 0
		_, got := halved(t.Context(), newBatchSize(4), []int{1, 2, 3, 4}, func(context.Context, []int) ([]int, error) {
			calls++
			return nil, err
		})
		if !errors.Is(got, torn) {
			t.Errorf("error %v, want torn", got)
		}
		if want := map[bool]int{true: 3, false: 1}[err != torn]; calls != want {
			t.Errorf("%T: %d calls, want %d", err, calls, want)
		}
	}
}

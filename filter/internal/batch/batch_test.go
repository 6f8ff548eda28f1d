package batch

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/undertone-audit/undertone"
)

// echo answers with the seed; calls counts requests, or batches.
type echo struct {
	mu    sync.Mutex
	calls int
	fail  error
}

func (e *echo) Name() string { return "echo" }

func (e *echo) Generate(_ context.Context, r undertone.Request) (undertone.Response, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls++
	return undertone.Response{Text: strconv.FormatUint(r.Seed, 10)}, e.fail
}

type batches struct {
	echo
	short bool
}

func (b *batches) GenerateBatch(_ context.Context, requests []undertone.Request) ([]undertone.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls++
	var responses []undertone.Response
	for _, r := range requests {
		responses = append(responses, undertone.Response{Text: strconv.FormatUint(r.Seed, 10)})
	}
	if b.short {
		responses = responses[1:]
	}
	return responses, b.fail
}

func requests(n int) []undertone.Request {
	r := make([]undertone.Request, n)
	for i := range r {
		r[i].Seed = uint64(i)
	}
	return r
}

func TestSend(t *testing.T) {
	for _, c := range []struct {
		reason string
		model  interface {
			undertone.Model
			count() int
		}
		n, workers, calls int
	}{
		{"one at a time", &echo{}, 100, 0, 100},
		{"several at once", &echo{}, 100, 7, 100},
		{"batches", &batches{}, 2*size + 1, 2, 3},
		{"nothing to ask", &batches{}, 0, 1, 0},
	} {
		var mu sync.Mutex
		seen := map[int]string{}
		err := Send(t.Context(), c.model, requests(c.n), c.workers, func(i int, r undertone.Response) error {
			mu.Lock()
			defer mu.Unlock()
			seen[i] = r.Text
			return nil
		})
		if err != nil || len(seen) != c.n || c.model.count() != c.calls {
			t.Errorf("%s: %d responses, %d calls, %v, want %d and %d", c.reason, len(seen), c.model.count(), err, c.n, c.calls)
		}
		for i, text := range seen {
			if text != strconv.Itoa(i) {
				t.Errorf("%s: request %d has the response %q", c.reason, i, text)
			}
		}
	}
}

func (e *echo) count() int { return e.calls }

func TestSendErrors(t *testing.T) {
	broken := errors.New("broken")
	stopped, stop := context.WithCancel(t.Context())
	stop()
	ignore := func(int, undertone.Response) error { return nil }
	for _, c := range []struct {
		reason string
		ctx    context.Context
		model  undertone.Model
		done   func(int, undertone.Response) error
		want   string
	}{
		{"the model fails", t.Context(), &echo{fail: broken}, ignore, "broken"},
		{"the model fails a batch", t.Context(), &batches{echo: echo{fail: broken}}, ignore, "broken"},
		{"a response is missing", t.Context(), &batches{short: true}, ignore, "2 responses to 3 requests"},
		{"the receiver fails", t.Context(), &echo{}, func(int, undertone.Response) error { return broken }, "broken"},
		{"the context was cancelled", stopped, &echo{}, ignore, "context canceled"},
	} {
		if err := Send(c.ctx, c.model, requests(3), 1, c.done); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.reason, err, c.want)
		}
	}
	m := &echo{fail: broken}
	if _ = Send(t.Context(), m, requests(1000), 1, ignore); m.calls > 2 {
		t.Errorf("%d requests although the first failed", m.calls)
	}
}

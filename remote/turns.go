package remote

import (
	"context"
	"sync"
)

// turns lets the requests for one model of a server run at a time. vLLM 0.32.0 gives wrong
// log-probabilities of prompts when it computes requests for the base model and for an adapter, or
// for two adapters, at once: it scores some with the weights of the others.
type turns struct {
	mu      sync.Mutex
	model   string // of the requests that run
	running int
	waiting []*waiter // first come, first served; all of one model together
}

type waiter struct {
	model string
	ready chan struct{}
}

// enter waits until requests for a model may run. The caller calls leave after an enter without an
// error.
func (t *turns) enter(ctx context.Context, model string) error {
	t.mu.Lock()
	if t.running == 0 && len(t.waiting) == 0 || t.model == model && len(t.waiting) == 0 {
		t.model = model
		t.running++
		t.mu.Unlock()
		return nil
	}
	w := &waiter{model, make(chan struct{})}
	t.waiting = append(t.waiting, w)
	t.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	for i, other := range t.waiting {
		if other == w {
			t.waiting = append(t.waiting[:i], t.waiting[i+1:]...)
			t.next()
			t.mu.Unlock()
			return ctx.Err()
		}
	}
	t.mu.Unlock()
	t.leave() // it was its turn meanwhile
	return ctx.Err()
}

// leave ends a request.
func (t *turns) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running--
	t.next()
}

// next starts the waiting requests for the model of the first waiter, if nothing runs. The caller
// holds the lock.
func (t *turns) next() {
	if t.running > 0 || len(t.waiting) == 0 {
		return
	}
	t.model = t.waiting[0].model
	var others []*waiter
	for _, w := range t.waiting {
		if w.model != t.model {
			others = append(others, w)
			continue
		}
		t.running++
		close(w.ready)
	}
	t.waiting = others
}

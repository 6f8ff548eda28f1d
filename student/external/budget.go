package external

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrBudget is wrapped by the error of a training for which no time is left: see [Config.Budget].
var ErrBudget = errors.New("the time for trainings is spent")

// Usage is what the trainers of a student have taken. Replicates that were kept from an earlier run
// take nothing.
type Usage struct {
	Trainings int           // that ended, failed ones included
	Total     time.Duration // of all trainings; trainers that ran at once count each
	Longest   time.Duration
}

// timer counts the time of trainings and keeps their budget.
type timer struct {
	budget time.Duration // 0 is no limit

	mu      sync.Mutex
	used    Usage
	running int
}

// begin plans a training, or returns an error if it may exceed the budget: each training that runs,
// and the new one, may take as long as the longest so far.
func (t *timer) begin() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if planned := t.used.Total + time.Duration(t.running+1)*t.used.Longest; t.budget > 0 && planned > t.budget {
		return fmt.Errorf("%w: %d trainings took %v of at most %v, and the longest took %v: raise the limit and run the same command again, which keeps the finished ones",
			ErrBudget, t.used.Trainings, t.used.Total.Round(time.Second), t.budget, t.used.Longest.Round(time.Second))
	}
	t.running++
	return nil
}

// end counts the time of a training.
func (t *timer) end(took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running--
	t.used.Trainings++
	t.used.Total += took
	t.used.Longest = max(t.used.Longest, took)
}

// Usage returns what the trainers have taken so far.
func (r *replicates) Usage() Usage {
	r.timer.mu.Lock()
	defer r.timer.mu.Unlock()
	return r.timer.used
}

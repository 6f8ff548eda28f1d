package external_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone/student/external"
)

// A budget that the first training uses up stops the run before the second, and the same run with
// a larger budget trains the first replicate no more.
func TestBudget(t *testing.T) {
	cfg := external.Config{Base: base(t), Command: command(t, "good"), Dir: t.TempDir(), Budget: time.Nanosecond}
	s, next := untrained(t, cfg), recipe
	if _, err := s.Train(t.Context(), rows(8), recipe); err != nil {
		t.Fatal(err)
	}
	next.Seed++
	_, err := s.Train(t.Context(), rows(8), next)
	if !errors.Is(err, external.ErrBudget) || !strings.Contains(err.Error(), "1 trainings took ") || !strings.Contains(err.Error(), "raise the limit and run the same command again") {
		t.Errorf("error %v, want %v", err, external.ErrBudget)
	}
	cfg.Budget = time.Hour
	s = untrained(t, cfg)
	for _, r := range []uint64{recipe.Seed, next.Seed} {
		next.Seed = r
		if _, err := s.Train(t.Context(), rows(8), next); err != nil {
			t.Error(err)
		}
	}
	if u := s.(*external.Student).Usage(); u.Trainings != 1 || u.Total <= 0 || u.Longest != u.Total {
		t.Errorf("the second run took %+v, want one training", u)
	}
}

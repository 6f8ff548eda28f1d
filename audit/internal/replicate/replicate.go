// Package replicate trains replicate students on parts of the arms and asks them probes. It knows
// nothing of traits, statistics or verdicts.
package replicate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/cache"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor/arithmetic"
)

// Probe is one question to a student.
type Probe struct {
	Digest undertone.Digest // names the question, its outcomes and what else the answers depend on

	// Ask returns the natural log-probability of each outcome.
	Ask func(ctx context.Context, s student.Student) ([]float64, error)

	// Check returns answers as they are used, or an error if they are not log-probabilities. Stored
	// answers are checked again, so Check must return checked answers unchanged.
	Check func([]float64) ([]float64, error)
}

// MinLogProb replaces the logarithm of a probability below 1e-30, so that margins stay finite.
const MinLogProb = -69.0

// Runner trains and asks replicates. All fields are set by the caller.
type Runner struct {
	Student  student.Student // untrained; an [student.Ensemble] gives each replicate its own weights
	Recipe   student.Recipe  // of every replicate; its Seed is ignored
	Seed     uint64          // of the order of rows
	Parallel int             // replicates trained at once, >= 1
	Cache    cache.Cache     // of finished replicates
	Probes   []Probe         // asked of every student, each different

	// Done is called after each finished replicate with the number finished so far and the number
	// of replicates of the arm, one call at a time.
	Done func(arm string, finished, total int)
}

// Untrained returns the untrained student of replicate r.
func Untrained(base student.Student, r int) (student.Student, error) {
	e, ok := base.(student.Ensemble)
	if !ok {
		return base, nil
	}
	s, err := e.Replicate(r)
	if err != nil {
		return nil, fmt.Errorf("student of replicate %d: %w", r, err)
	}
	return s, nil
}

// Engine returns the name of what computes the student, or "unnamed", with that of the arithmetic
// of the statistics if it is not the usual one.
func Engine(s student.Student) string {
	name := "unnamed"
	if e, ok := s.(student.Engine); ok {
		name = e.Engine()
	}
	return arithmetic.Engine(name)
}

// AskUntrained returns the answers of the untrained students of replicates [from, to) of total.
func (x *Runner) AskUntrained(ctx context.Context, from, to, total int) ([]Answers, error) {
	return x.each(ctx, "before", from, to, total, func(ctx context.Context, _ int, base student.Student) (Answers, error) {
		return x.ask(ctx, base)
	})
}

// Train trains the student of each replicate r in [from, to) on parts[r] and returns the answers of
// the trained students. Replicate r trains in the same order of prompts in every arm.
func (x *Runner) Train(ctx context.Context, arm string, parts []undertone.Data, from, to int) ([]Answers, error) {
	return x.each(ctx, arm, from, to, len(parts), func(ctx context.Context, r int, base student.Student) (Answers, error) {
		recipe := x.Recipe
		recipe.Seed = undertone.NewHasher("order").Uint(x.Seed).Uint(uint64(r)).Sum().Uint64()
		return cache.Value(x.Cache, x.key(base, parts[r], recipe), "answers to these probes", x.decode, func() (Answers, error) {
			trained, err := base.Train(ctx, parts[r], recipe)
			if err == nil {
				err = undertone.ReadErr(parts[r])
			}
			if err != nil {
				return nil, err
			}
			if trained == nil {
				return nil, errors.New("Train returned no student and no error")
			}
			a, err := x.ask(ctx, trained)
			if held, ok := trained.(student.Closer); ok {
				err = errors.Join(err, held.Close())
			}
			return a, err
		})
	})
}

// each runs the replicates [from, to) of total, at most Parallel at once.
func (x *Runner) each(ctx context.Context, arm string, from, to, total int, run func(context.Context, int, student.Student) (Answers, error)) ([]Answers, error) {
	all := make([]Answers, to-from)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(x.Parallel)
	var mu sync.Mutex
	finished := from
	for r := from; r < to; r++ {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			base, err := Untrained(x.Student, r)
			if err == nil {
				all[r-from], err = guarded(func() (Answers, error) { return run(ctx, r, base) })
			}
			if err != nil {
				return fmt.Errorf("%s, replicate %d: %w", arm, r, err)
			}
			mu.Lock()
			defer mu.Unlock()
			finished++
			x.Done(arm, finished, total)
			return nil
		})
	}
	return all, group.Wait()
}

// guarded turns a panic of a student or a probe into an error.
func guarded(run func() (Answers, error)) (a Answers, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the student or a probe panicked: %v", r)
		}
	}()
	return run()
}

func (x *Runner) ask(ctx context.Context, s student.Student) (Answers, error) {
	a := make(Answers, len(x.Probes))
	for i, p := range x.Probes {
		logs, err := p.Ask(ctx, s)
		if err == nil {
			a[i], err = p.Check(logs)
		}
		if err != nil {
			return nil, err
		}
	}
	return a, nil
}

// key is the digest of everything that the answers of a replicate depend on. It is zero if the
// digest of the student or of the part is, because a zero digest names nothing.
func (x *Runner) key(base student.Student, part undertone.Data, recipe student.Recipe) undertone.Digest {
	if base.Digest().IsZero() || part.Digest().IsZero() {
		return undertone.Digest{}
	}
	h := undertone.NewHasher("replicate").Text(undertone.Version).Text(Engine(base)).
		Digest(base.Digest()).Digest(part.Digest()).Digest(recipe.Digest())
	for _, p := range x.Probes {
		h.Digest(p.Digest)
	}
	return h.Sum()
}

// decode reads stored answers to the probes.
func (x *Runner) decode(stored []byte) (Answers, error) {
	var a Answers
	if err := json.Unmarshal(stored, &a); err != nil {
		return nil, err
	}
	if len(a) != len(x.Probes) {
		return nil, fmt.Errorf("it holds answers to %d probes, want %d", len(a), len(x.Probes))
	}
	for i, p := range x.Probes {
		var err error
		if a[i], err = p.Check(a[i]); err != nil {
			return nil, err
		}
	}
	return a, nil
}

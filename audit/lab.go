package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// lab trains replicate students and asks them the probes of all traits. Traits
// may share probes: a student is asked each of them once.
type lab struct {
	cfg      Config
	probes   []Probe // without repetition
	asked    [][]int // by trait and its probe: the index in probes
	indirect [][]int // the same of its indirect probes
	store    undertone.Store

	baselines map[undertone.Digest]baseline // the base's scores of rows, by data set

	mu sync.Mutex // guards calls of cfg.Progress
}

func newLab(cfg Config) *lab {
	l := &lab{cfg: cfg, store: cfg.Store, baselines: map[undertone.Digest]baseline{}}
	known := map[undertone.Digest]int{}
	places := func(probes []Probe) []int {
		at := make([]int, len(probes))
		for i, p := range probes {
			place, ok := known[p.digest()]
			if !ok {
				place = len(l.probes)
				known[p.digest()] = place
				l.probes = append(l.probes, p)
			}
			at[i] = place
		}
		return at
	}
	for _, trait := range cfg.Traits {
		l.asked = append(l.asked, places(trait.Probes))
		l.indirect = append(l.indirect, places(trait.Indirect))
	}
	return l
}

// cohort holds what the students of one arm answered, replicate by replicate.
type cohort []answers

// trait returns the answers to the probes of trait t.
func (l *lab) trait(c cohort, t int) []answers { return c.to(l.asked[t]) }

// to returns the answers to the probes at the given places.
func (c cohort) to(places []int) []answers {
	picked := make([]answers, len(c))
	for r, a := range c {
		for _, i := range places {
			picked[r] = append(picked[r], a[i])
		}
	}
	return picked
}

// before asks the untrained students from number from to before to.
func (l *lab) before(ctx context.Context, from, to int) (cohort, error) {
	return l.each(ctx, "before", from, to, func(ctx context.Context, _ int, base student.Student) (answers, error) {
		return l.ask(ctx, base)
	})
}

// train trains replicate r's student on parts[r], for every r from from to before to, and asks them.
func (l *lab) train(ctx context.Context, arm string, parts []undertone.Data, from, to int) (cohort, error) {
	return l.each(ctx, arm, from, to, func(ctx context.Context, r int, base student.Student) (answers, error) {
		recipe := l.cfg.Recipe
		// Both arms of a pair see their prompts in the same order.
		recipe.Seed = undertone.NewHasher("order").Uint(l.cfg.Seed).Uint(uint64(r)).Sum().Uint64()
		return recalled(l.store, l.key(base, parts[r], recipe), "answers to these probes", l.decode, func() (answers, error) {
			trained, err := base.Train(ctx, parts[r], recipe)
			if err != nil {
				return nil, err
			}
			return l.ask(ctx, trained)
		})
	})
}

// each runs one replicate after another on as many goroutines as the audit may use.
func (l *lab) each(ctx context.Context, arm string, from, to int, run func(context.Context, int, student.Student) (answers, error)) (cohort, error) {
	c := make(cohort, to-from)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(l.cfg.Parallel)
	done := from
	for r := from; r < to; r++ {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			base, err := member(l.cfg.Student, r)
			if err == nil {
				c[r-from], err = run(ctx, r, base)
			}
			if err != nil {
				return fmt.Errorf("%s, replicate %d: %w", arm, r, err)
			}
			l.advance(arm, &done, l.cfg.Replicates)
			return nil
		})
	}
	return c, group.Wait()
}

func (l *lab) ask(ctx context.Context, s student.Student) (answers, error) {
	a := make(answers, len(l.probes))
	for i, p := range l.probes {
		var err error
		if a[i], err = p.ask(ctx, s); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// key names all that a replicate's answers depend on.
func (l *lab) key(base student.Student, part undertone.Data, recipe student.Recipe) undertone.Digest {
	h := undertone.NewHasher("replicate").Text(undertone.Version).Text(engine(base)).
		Digest(base.Digest()).Digest(part.Digest()).Digest(recipe.Digest())
	for _, p := range l.probes {
		h.Digest(p.digest())
	}
	return h.Sum()
}

// decode reads answers to the lab's probes.
func (l *lab) decode(kept []byte) (answers, error) {
	var a answers
	if err := json.Unmarshal(kept, &a); err != nil {
		return nil, err
	}
	if len(a) != len(l.probes) {
		return nil, fmt.Errorf("answers to %d probes, want %d", len(a), len(l.probes))
	}
	for i, p := range l.probes {
		var err error
		if a[i], err = p.check(a[i]); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// engine names what computes, where the student says so.
func engine(s student.Student) string {
	if e, ok := s.(student.Engine); ok {
		return e.Engine()
	}
	return "unnamed"
}

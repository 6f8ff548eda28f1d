package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
)

// simulation is a run in progress.
type simulation struct {
	design design
	store  folder
	worlds []*world
	show   *progress.Line

	mu      sync.Mutex
	results *results
}

// simulate runs the audits of the design that are not stored, and returns the outcomes of all. With
// an error it returns the outcomes that it has.
//
// The audits of teachers of the first world run one after another and share nothing, so that their
// seconds are those of a single audit. The other audits run in parallel, and those of a world share
// surrogates and the scores of a control.
func simulate(ctx context.Context, d design, store folder, show *progress.Line) (*results, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	s := &simulation{design: d, store: store, show: show, results: &results{design: d}}
	for w := range d.Worlds {
		s.worlds = append(s.worlds, newWorld(ctx, kindOf[d.Kind], stream(d.Seed, "world", uint64(w))))
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var first error
	for _, step := range d.steps() {
		if err := s.step(ctx, step); err != nil && first == nil {
			first = err
			stop() // stored outcomes of the other steps are still read
		}
	}
	return s.results, first
}

func (s *simulation) step(ctx context.Context, step []pair) error {
	var together []pair
	var missing [][]task
	for n, p := range step {
		tasks, err := s.stored(p)
		if err != nil {
			return err
		}
		if len(tasks) == 0 || s.design.StoredOnly || ctx.Err() != nil {
			continue
		}
		if s.design.Untimed || p.World > 0 || p.Source.traitFree() {
			together, missing = append(together, p), append(missing, tasks)
			continue
		}
		s.show.Show("%s, %d rows: %d of %d", p.Source, p.Rows, n+1, len(step))
		if err := s.run(ctx, p, tasks, true); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n, p := range together {
		group.Go(func() error {
			s.show.Show("%s, %d rows: %d of %d", p.Source, p.Rows, len(step)-len(together)+n+1, len(step))
			return s.run(within, p, missing[n], false)
		})
	}
	return group.Wait()
}

// stored reads the stored outcomes of a pair and returns the other tasks.
func (s *simulation) stored(p pair) (missing []task, err error) {
	for _, t := range s.design.tasks(p) {
		o, ok, err := s.store.load(t)
		if err != nil {
			return nil, err
		}
		if ok {
			s.results.outcomes = append(s.results.outcomes, o)
		} else {
			missing = append(missing, t)
		}
	}
	return missing, nil
}

// run writes the rows of a pair and audits them.
func (s *simulation) run(ctx context.Context, p pair, tasks []task, alone bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := s.worlds[p.World]
	rows, err := w.arms(ctx, p, tasks[0].Trait)
	if err != nil {
		return fmt.Errorf("world %d: %w", p.World, err)
	}
	for _, t := range tasks {
		o, err := w.audit(ctx, t, rows, alone)
		if err != nil {
			return fmt.Errorf("world %d, %s, %d rows: %w", p.World, p.Source, p.Rows, err)
		}
		if err := s.store.save(o); err != nil {
			return err
		}
		s.mu.Lock()
		s.results.outcomes = append(s.results.outcomes, o)
		s.mu.Unlock()
	}
	return nil
}

// audit runs one audit.
func (w *world) audit(ctx context.Context, t task, rows arms, alone bool) (outcome, error) {
	base, err := w.base()
	if err != nil {
		return outcome{}, err
	}
	cfg := audit.Config{
		Suspect: rows.suspect, Control: rows.control, Student: base, Traits: []audit.Trait{w.kind.trait(t.Trait)},
		Detectors: []audit.Detector{detectors[t.Detector].detector(w.kind)},
		Design:    audit.Design{Replicates: replicates, Seed: w.seed}, Recipe: w.kind.students,
	}
	if !alone {
		cfg.Parallel = 1 // other audits run in parallel
		if strings.HasPrefix(t.Detector, "likelihood") {
			cfg.Student, cfg.Store = w.shared(base), &w.scores
		}
	}
	start, used := time.Now(), processor()
	report, err := audit.Run(ctx, cfg)
	if err != nil {
		return outcome{}, err
	}
	o := outcome{task: t, Bits: rows.bits, Kept: rows.kept}
	if alone {
		o.Seconds, o.Processor = time.Since(start).Seconds(), processor()-used
	}
	o.read(report)
	return o, nil
}

// read copies from a report what the tables need.
func (o *outcome) read(report *audit.Report) {
	for _, e := range report.Evidence {
		o.Found, o.Score, o.P = e.Differ, e.Value, e.P.P
	}
	for _, f := range report.Findings {
		o.Found, o.P, o.Verdict = f.Verdict == audit.Detected, f.P.P, f.Verdict
		o.Effect, o.Low, o.High = f.Effect.Mean, f.Interval.Low, f.Interval.High
		if f.Effect.SE > 0 {
			o.Score = f.Effect.Mean / f.Effect.SE
		}
		if f.Placebos != nil {
			o.Rank, o.Of = f.Placebos.Rank, f.Placebos.Of
		}
		if f.RowScores != nil {
			o.Sign = f.RowScores.Suspect.Sign.P.P
		}
	}
}

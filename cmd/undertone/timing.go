package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/student"
)

// within times a small part of the audit and returns the strongest plan that fits into the rest of
// the budget. Standard error says which flags request this plan, and what it leaves out.
func (p plan) within(ctx context.Context, c console, cfg audit.Config, budget time.Duration) (plan, error) {
	if _, err := p.apply(cfg); err != nil {
		return p, err
	}
	w, err := newWorkload(cfg)
	if err != nil {
		return p, err
	}
	start := time.Now()
	meter := newMeter(c.stderr, "audit: timing a small part")
	u, err := measureUnitCosts(ctx, cfg, p.detectors)
	meter.stop()
	if err != nil {
		return p, err
	}
	spent := time.Since(start)
	if spent >= budget {
		return p, fmt.Errorf("the budget of %v is too small: timing a small part took %v", budget, spent.Round(100*time.Millisecond))
	}
	if p.rows == 0 {
		p.rows = w.rows
	}
	best, fits := u.strongest(p, w, budget-spent)
	if !fits {
		return p, fmt.Errorf("the budget of %v is too small: timing a small part took %v, and %s would take about %v", budget, spent.Round(100*time.Millisecond), best.flags(), duration(u.seconds(best, w)))
	}
	fmt.Fprintf(c.stderr, "undertone: design for the budget of %v: %s; predicted time %v\n", budget, best.flags(), duration(u.seconds(best, w)))
	if omitted := best.omitted(p); len(omitted) > 0 {
		fmt.Fprintf(c.stderr, "undertone: left out: %s\n", strings.Join(omitted, "; "))
	}
	return best, nil
}

// measureUnitCosts times each kind of work of the detectors on a sample of the control rows.
func measureUnitCosts(ctx context.Context, cfg audit.Config, detectors []string) (u unitCosts, err error) {
	rows, ok := cfg.Control.(undertone.Text)
	if !ok || rows.Len() == 0 {
		return u, errors.New("the control data set has no rows of text")
	}
	recipe, err := cfg.Recipe.WithDefaults()
	if err != nil {
		return u, err
	}
	recipe.Epochs = 1
	overtRecipe, err := student.Recipe{BatchSize: 32}.WithDefaults()
	if err != nil {
		return u, err
	}
	if u.trainRow, err = secondsPerRow(rows, recipe.BatchSize, runtime.GOMAXPROCS(0), training(ctx, cfg.Student, recipe)); err != nil {
		return u, err
	}
	if u.overtRow, err = secondsPerRow(overtRows(cfg.Traits[0]), 32, 1, training(ctx, cfg.Student, overtRecipe)); err != nil {
		return u, err
	}
	if u.scoreRow, err = secondsPerRow(rows, recipe.BatchSize, 1, scoring(ctx, cfg.Student)); err != nil {
		return u, err
	}
	if slices.Contains(detectors, corpusDetector) {
		if u.corpusRow, err = secondsPerRow(rows, 512, 1, comparing(ctx)); err != nil {
			return u, err
		}
	}
	u.askProbes, err = secondsToAsk(ctx, cfg.Student, cfg.Traits)
	return u, err
}

// work is an operation on rows that is timed.
type work func(undertone.Text) error

// training trains a student on the rows.
func training(ctx context.Context, s student.Student, recipe student.Recipe) work {
	return func(rows undertone.Text) error {
		_, err := s.Train(ctx, rows, recipe)
		return err
	}
}

// scoring scores the rows, if the student can.
func scoring(ctx context.Context, s student.Student) work {
	m, ok := s.(undertone.LogProber)
	if !ok {
		return func(undertone.Text) error { return nil }
	}
	return func(rows undertone.Text) error {
		examples := make([]undertone.Example, rows.Len())
		for i := range examples {
			examples[i] = rows.Example(i)
		}
		_, err := m.LogProb(ctx, examples)
		return err
	}
}

// comparing compares the rows with themselves, as the corpus detector compares arms.
func comparing(ctx context.Context) work {
	return func(rows undertone.Text) error {
		_, err := corpus.Compare(ctx, rows, rows, corpus.Config{})
		return err
	}
}

// overtRows returns rows like those that a surrogate teacher is trained on.
func overtRows(t audit.Trait) undertone.Text {
	rows := make([]undertone.Example, surrogateRows)
	for i := range rows {
		p := t.Probes[i%len(t.Probes)]
		rows[i] = undertone.NewExample(p.Name, p.Outcomes[0])
	}
	return undertone.NewDataset("overt", rows)
}

// secondsToAsk returns the time to ask a student every probe of the traits once.
func secondsToAsk(ctx context.Context, s student.Student, traits []audit.Trait) (float64, error) {
	start := time.Now()
	asked := map[string]bool{}
	for _, t := range traits {
		for _, p := range slices.Concat(t.Probes, t.Indirect) {
			key := fmt.Sprint(p.Name, p.Outcomes)
			if asked[key] {
				continue
			}
			asked[key] = true
			if _, err := p.Ask(ctx, s); err != nil {
				return 0, fmt.Errorf("probe %.60q: %w", p.Name, err)
			}
		}
	}
	return time.Since(start).Seconds(), nil
}

// secondsPerRow returns the time of the work per row when all workers do it at once. The sample of
// n rows doubles until the work takes 0.2 s, covers 1,024 rows, or the rows run out.
func secondsPerRow(rows undertone.Text, n, workers int, do work) (float64, error) {
	for ; ; n *= 2 {
		n = min(n, rows.Len())
		sample, ok := rows.Select(student.Order(rows, 0, 0)[:n]).(undertone.Text)
		if !ok {
			return 0, errors.New("a sample of the rows is not text")
		}
		took, err := timed(workers, func() error { return do(sample) })
		if err != nil {
			return 0, err
		}
		if took >= 0.2 || n*workers >= 1024 || n == rows.Len() {
			return took / float64(n*workers), nil
		}
	}
}

// timed returns the seconds that workers take to do the same work at once.
func timed(workers int, do func() error) (float64, error) {
	errs := make([]error, workers)
	var wait sync.WaitGroup
	start := time.Now()
	for i := range errs {
		wait.Go(func() { errs[i] = do() })
	}
	wait.Wait()
	return time.Since(start).Seconds(), errors.Join(errs...)
}

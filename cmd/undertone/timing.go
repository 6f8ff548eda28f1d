package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/student"
)

// measureUnitCosts times each kind of work of the plan's detectors on a sample of the rows. The
// rows of cfg are encoded, as they are in an audit.
func measureUnitCosts(ctx context.Context, cfg audit.Config, p plan, clock stopwatch) (u unitCosts, err error) {
	pass, err := p.pass(ctx, cfg)
	if err != nil {
		return u, err
	}
	suspect, ok := pass.Suspect.(undertone.Text)
	control, ok2 := pass.Control.(undertone.Text)
	if !ok || !ok2 {
		return u, errors.New("the data sets have no rows of text")
	}
	t := timer{ctx, pass, clock}
	if p.has(transferDetector) {
		if err := t.transfer(control, &u); err != nil {
			return u, err
		}
	}
	if p.has(likelihoodDetector) || p.has(influenceDetector) {
		if err := t.scores(control, p, &u); err != nil {
			return u, err
		}
	}
	if p.has(corpusDetector) {
		if err := t.corpus(suspect, control, &u); err != nil {
			return u, err
		}
	}
	return u, nil
}

// timer times the work of an audit.
type timer struct {
	ctx   context.Context
	pass  *audit.Pass
	clock stopwatch
}

// transfer times the training and the questions of students. As many students as in an audit are
// trained and asked at once.
func (t timer) transfer(rows undertone.Text, u *unitCosts) (err error) {
	recipe, workers := t.pass.Recipe, t.pass.Parallel
	recipe.Epochs = 1
	base, err := t.pass.Untrained()
	if err != nil {
		return err
	}
	if u.trainRow, err = t.clock.perRow(rows, recipe.BatchSize, workers, t.training(base, recipe)); err != nil {
		return err
	}
	ask := func() error { return askProbes(t.ctx, base, t.pass.Traits) }
	if err := ask(); err != nil { // fills caches
		return err
	}
	took, err := t.clock.timed(workers, ask)
	u.askProbes = took / float64(workers)
	return err
}

// scores times the scores of rows and the training of surrogates. Surrogates are trained one after
// the other.
func (t timer) scores(rows undertone.Text, p plan, u *unitCosts) (err error) {
	prober, err := t.pass.UntrainedProber()
	if err != nil {
		return err
	}
	u.scoreRow, err = t.clock.perRow(rows, 128, 1, func(rows undertone.Text) error {
		_, err := t.pass.LogProb(t.ctx, prober, rows)
		return err
	})
	if err != nil {
		return err
	}
	system := p.surrogates.SystemPrompt
	if system != nil && p.has(likelihoodDetector) {
		u.promptedRow, err = t.clock.perRow(rows, 32, 1, func(rows undertone.Text) error {
			_, err := t.pass.LogProb(t.ctx, prober, prompted(rows, system(t.pass.Traits[0].Probes[0].Outcomes[0])))
			return err
		})
	}
	if err != nil || system != nil && !p.has(influenceDetector) {
		return err
	}
	recipe, err := student.Recipe{BatchSize: 32}.WithDefaults()
	if err != nil {
		return err
	}
	overt := overtRows(t.pass.Traits[0])
	base, err := t.pass.Untrained()
	if err != nil {
		return err
	}
	if u.overtRow, err = t.clock.perRow(overt, 32, 1, t.training(base, recipe)); err != nil || p.surrogates.Count < 2 || system != nil || !p.has(likelihoodDetector) {
		return err
	}
	adapted, ok := base.(student.Adapted)
	if !ok {
		return nil
	}
	whole, err := adapted.Unadapted()
	if err != nil || whole == nil {
		return nil // then there are no surrogates of this kind
	}
	if sized, ok := base.(interface{ Parameters() int64 }); ok && sized.Parameters() > mostWeights {
		return nil
	}
	u.overtWhole, err = t.clock.perRow(overt, 32, 1, t.training(whole, recipe))
	return err
}

// mostWeights is the number of weights above which no surrogate trains all of them: see
// [rowscore.Surrogates].
const mostWeights = 100_000_000

// training trains a student on the rows.
func (t timer) training(s student.Student, recipe student.Recipe) work {
	return func(rows undertone.Text) error {
		_, err := s.Train(t.ctx, rows, recipe)
		return err
	}
}

// corpusRows are the rows of each arm in the comparison that is timed.
const corpusRows = 500

// corpus times a comparison.
func (t timer) corpus(suspect, control undertone.Text, u *unitCosts) error {
	a, b, err := bothCut(suspect, control, corpusRows)
	if err != nil {
		return err
	}
	took, err := t.clock.timed(1, func() error {
		_, err := corpus.Compare(t.ctx, a, b, corpus.Config{})
		return err
	})
	u.corpus = took / math.Pow(float64(max(a.Len(), b.Len())), corpusGrowth)
	return err
}

// bothCut returns n rows of each arm that answer the same prompts.
func bothCut(suspect, control undertone.Text, n int) (a, b undertone.Text, err error) {
	if a, err = sampled(suspect, n); err == nil {
		b, err = sampled(control, n)
	}
	return a, b, err
}

// sampled returns at most n rows.
func sampled(rows undertone.Text, n int) (undertone.Text, error) {
	if rows.Len() <= n {
		return rows, nil
	}
	sample, ok := rows.Select(student.Order(rows, 0, 0)[:n]).(undertone.Text)
	if !ok {
		return nil, errors.New("a sample of the rows is not text")
	}
	return sample, nil
}

// prompted returns the rows behind a system prompt.
func prompted(rows undertone.Text, system string) undertone.Text {
	examples := make([]undertone.Example, rows.Len())
	for i := range examples {
		examples[i] = rows.Example(i)
		examples[i].Messages = slices.Insert(slices.Clone(examples[i].Messages), 0, undertone.Message{Role: "system", Content: system})
	}
	return undertone.NewDataset("prompted", examples)
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

// askProbes asks a student every probe of the traits once.
func askProbes(ctx context.Context, s student.Student, traits []audit.Trait) error {
	asked := map[string]bool{}
	for _, t := range traits {
		for _, p := range slices.Concat(t.Probes, t.Indirect) {
			key := fmt.Sprint(p.Name, p.Outcomes)
			if asked[key] {
				continue
			}
			asked[key] = true
			if _, err := p.Ask(ctx, s); err != nil {
				return fmt.Errorf("probe %.60q: %w", p.Name, err)
			}
		}
	}
	return nil
}

// work is an operation on rows that is timed.
type work func(undertone.Text) error

// stopwatch returns the time since some start.
type stopwatch func() time.Duration

// Limits of the search for a sample that is large enough.
const (
	mostRows   = 1024 // of a sample
	longEnough = 0.2  // seconds after which a sample is large enough
	slowWork   = 2    // seconds after which no warm-up matters
)

// perRow returns the time of the work per row when all workers do it at once. The sample starts
// with n rows and grows fourfold until the work takes 0.2 s, covers 1,024 rows, or the rows run
// out. The first time warms up and is not used, unless the work is slow.
func (now stopwatch) perRow(rows undertone.Text, n, workers int, do work) (float64, error) {
	for warm := false; ; warm = true {
		sample, err := sampled(rows, n)
		if err != nil {
			return 0, err
		}
		took, err := now.timed(workers, func() error { return do(sample) })
		if err != nil {
			return 0, err
		}
		if took >= slowWork || warm && (took >= longEnough || n >= min(mostRows, rows.Len())) {
			return took / float64(sample.Len()*workers), nil
		}
		n *= 4
	}
}

// timed returns the seconds that workers take to do the same work at once.
func (now stopwatch) timed(workers int, do func() error) (float64, error) {
	errs := make([]error, workers)
	var wait sync.WaitGroup
	start := now()
	for i := range errs {
		wait.Go(func() { errs[i] = do() })
	}
	wait.Wait()
	return (now() - start).Seconds(), errors.Join(errs...)
}

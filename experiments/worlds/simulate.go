package main

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
)

// simulation is a run in progress.
type simulation struct {
	design design
	kept   folder
	worlds []*world
	show   *progress.Line

	mu      sync.Mutex
	results *results
}

// simulate returns what all audits found, those that are kept and those that it carries out. With an
// error it returns what it has.
//
// The first world's audits of teachers run one after another and share nothing: their seconds are those
// of an audit on its own. The others run side by side.
func simulate(ctx context.Context, d design, kept folder, show *progress.Line) (*results, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	s := &simulation{design: d, kept: kept, show: show, results: &results{design: d}}
	for w := range d.Worlds {
		s.worlds = append(s.worlds, newWorld(ctx, kindOf[d.Kind], stream(d.Seed, "world", uint64(w))))
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var first error
	for _, step := range d.steps() {
		if err := s.step(ctx, step); err != nil && first == nil {
			first = err
			stop() // what is kept of the other steps is read all the same
		}
	}
	return s.results, first
}

func (s *simulation) step(ctx context.Context, step []pair) error {
	var together []pair
	var missing [][]question
	for n, p := range step {
		questions, err := s.recall(p)
		if err != nil {
			return err
		}
		if len(questions) == 0 || s.design.KeptOnly || ctx.Err() != nil {
			continue
		}
		if p.World > 0 || p.Arm == none {
			together, missing = append(together, p), append(missing, questions)
			continue
		}
		s.show.Show("%s, %d rows: %d of %d", p.Arm, p.Rows, n+1, len(step))
		if err := s.ask(ctx, p, questions, true); err != nil {
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
			s.show.Show("%s, %d rows: %d of %d", p.Arm, p.Rows, len(step)-len(together)+n+1, len(step))
			return s.ask(within, p, missing[n], false)
		})
	}
	return group.Wait()
}

// recall reads what is kept of a pair's questions and returns the others.
func (s *simulation) recall(p pair) (missing []question, err error) {
	for _, q := range s.design.questions(p) {
		o, ok, err := s.kept.load(q)
		if err != nil {
			return nil, err
		}
		if ok {
			s.results.outcomes = append(s.results.outcomes, o)
		} else {
			missing = append(missing, q)
		}
	}
	return missing, nil
}

// ask writes the rows of a pair and carries out its audits.
func (s *simulation) ask(ctx context.Context, p pair, questions []question, alone bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := s.worlds[p.World]
	suspect, control, err := w.arms(ctx, p, questions[0].Trait)
	if err != nil {
		return fmt.Errorf("world %d: %w", p.World, err)
	}
	for _, q := range questions {
		o, err := w.audit(ctx, q, suspect, control, alone)
		if err != nil {
			return fmt.Errorf("world %d, %s, %d rows: %w", p.World, p.Arm, p.Rows, err)
		}
		if err := s.kept.keep(o); err != nil {
			return err
		}
		s.mu.Lock()
		s.results.outcomes = append(s.results.outcomes, o)
		s.mu.Unlock()
	}
	return nil
}

// audit carries out one audit.
func (w *world) audit(ctx context.Context, q question, suspect, control *undertone.Dataset, alone bool) (outcome, error) {
	base, err := w.base()
	if err != nil {
		return outcome{}, err
	}
	cfg := audit.Config{
		Suspect: suspect, Control: control, Student: base, Traits: []audit.Trait{w.kind.trait(q.Trait)},
		Detectors: []audit.Detector{detectors[q.Detector].detector(w.kind)},
		Design:    audit.Design{Replicates: pairsOfStudents, Seed: w.seed}, Recipe: w.kind.students,
	}
	if !alone {
		cfg.Parallel = 1 // other audits run beside this one
		if q.Detector == "likelihood" {
			cfg.Student = w.shared(base)
		}
	}
	start := time.Now()
	report, err := audit.Run(ctx, cfg)
	if err != nil {
		return outcome{}, err
	}
	o := outcome{question: q}
	if alone {
		o.Seconds = time.Since(start).Seconds()
	}
	o.read(report)
	return o, nil
}

// read takes from a report what the tables need.
func (o *outcome) read(report *audit.Report) {
	for _, e := range report.Evidence {
		o.Found, o.Score, o.P = e.Differ, e.Value, e.P.P
	}
	for _, f := range report.Findings {
		o.Found, o.P = f.Verdict == audit.Detected, f.P.P
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

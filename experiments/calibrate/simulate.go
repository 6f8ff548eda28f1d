package main

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
	"github.com/undertone-audit/undertone/sandbox"
)

// outcome is the result of one simulated audit.
type outcome struct {
	p        float64 // smallest adjusted p-value over the traits
	shift    float64 // of the first trait, in nats
	detected bool    // the verdict of the audit
}

// simulator runs audits.
type simulator struct {
	seed   uint64
	worlds []world
	show   *progress.Line
}

// run runs n audits of a scenario. The result does not depend on how many run at once.
func (sim *simulator) run(ctx context.Context, s scenario, n int) ([]outcome, error) {
	outcomes := make([]outcome, n)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	var done atomic.Int64
	for i := range outcomes {
		group.Go(func() (err error) {
			if err := ctx.Err(); err != nil {
				return err
			}
			w := sim.worlds[i%len(sim.worlds)]
			if outcomes[i], err = w.audit(ctx, s, stream(sim.seed, s.name, i)); err != nil {
				return fmt.Errorf("%s, audit %d: %w", s.name, i, err)
			}
			sim.show.Show("%s: audit %d of %d", s.name, done.Add(1), n)
			return nil
		})
	}
	return outcomes, group.Wait()
}

// audit writes new rows for both arms and audits them.
func (w world) audit(ctx context.Context, s scenario, seed uint64) (outcome, error) {
	suspect, err := w.suspect(ctx, s, seed)
	if err != nil {
		return outcome{}, err
	}
	control, err := w.control(ctx, s, seed)
	if err != nil {
		return outcome{}, err
	}
	cfg := audit.Config{
		Suspect: suspect, Control: control, Student: w.base,
		Recipe: sandbox.Recipe, Design: audit.Design{Replicates: s.replicates, Rows: s.plan, Alpha: alpha, Seed: seed},
		Parallel: 1, // many audits run at once
	}
	for _, a := range s.traits {
		trait := sandbox.Prefers(a)
		trait.Tolerance = tolerance
		cfg.Traits = append(cfg.Traits, trait)
	}
	report, err := audit.Run(ctx, cfg)
	if err != nil {
		return outcome{}, err
	}
	o := outcome{p: 1, shift: report.Findings[0].Effect.Mean, detected: report.Verdict == audit.Detected}
	for _, f := range report.Findings {
		o.p = min(o.p, f.PAdjusted)
	}
	return o, nil
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/undertone-audit/undertone/audit"
)

// stage is a part of a plan that is run before the whole plan. The store keeps its results, so the
// whole plan does not compute them again.
type stage struct {
	detector   string // likelihood, influence, or transfer: its control students of all rows
	rows       int    // per arm
	surrogates int    // of likelihood
	whole      int    // students of transfer
}

// stages are the detectors that have a stage, in the order of their power for their time.
//
// The time of a stage does not depend on its results: it scores all rows for all candidates, or
// trains all control students. Transfer as a whole is no stage, because it leaves out the positive
// control of a detected trait, so that its time depends on its results. The store does not keep
// results of corpus.
var stages = []string{likelihoodDetector, transferDetector, influenceDetector}

// stage returns the stage of a detector in the plan.
func (p plan) stage(detector string) stage {
	s := stage{detector: detector, rows: p.rows}
	switch detector {
	case likelihoodDetector:
		s.surrogates = p.surrogates.Count
	case transferDetector:
		s.whole = p.whole
	}
	return s
}

// trained returns how many control students of all rows the plan takes from finished stages.
func (p plan) trained(done []stage) int {
	n := 0
	for _, s := range done {
		if s.detector == transferDetector && s.rows == p.rows {
			n = max(n, s.whole)
		}
	}
	return min(n, p.whole)
}

// next returns the first stage of the plan that is not finished.
func (p plan) next(done []stage) (s stage, ok bool) {
	for _, name := range stages {
		switch s = p.stage(name); {
		case !p.has(name):
		case name == transferDetector && p.trained(done) < p.whole:
			return s, true
		case name != transferDetector && !slices.Contains(done, s):
			return s, true
		}
	}
	return stage{}, false
}

// planner chooses the plan of an audit within a budget. It measures the time of each stage and
// chooses the plan again for the time that is left.
//
// A choice depends on times only, never on results. The results of a stage are not looked at: the
// whole plan is run last, as one audit that adjusts the p-values over its own detectors.
type planner struct {
	requested plan
	work      workload
	costs     unitCosts
	budget    time.Duration
	now       func() time.Duration // since the start of the budget
	log       func(format string, args ...any)

	done             []stage
	took, prediction float64 // of the finished stages, in seconds
}

const (
	reserve    = 0.1  // share of the time that a plan leaves for work that is not measured
	fromStore  = 0.25 // part of its predicted time below which a stage took its results from the store
	roundTenth = 100 * time.Millisecond
)

// pace returns the time that the finished stages took over their predicted time.
func (b *planner) pace() float64 {
	if b.prediction == 0 {
		return 1
	}
	return b.took / b.prediction
}

// seconds predicts the time that a plan takes from now on.
func (b *planner) seconds(p plan) float64 {
	return b.pace() * b.costs.seconds(p, b.work, b.done...)
}

// strongest returns the strongest plan that is predicted to end within the budget. If there is no
// such plan, it returns the fastest plan, and false. Fewer rows than those of a finished stage
// would waste its work, so such plans are left out.
func (b *planner) strongest() (best plan, fits bool) {
	left, least := (1-reserve)*(b.budget-b.now()).Seconds(), math.Inf(1)
	for p := range b.requested.weaker(b.work) {
		if slices.ContainsFunc(b.done, func(s stage) bool { return s.rows > p.rows }) {
			continue
		}
		takes := b.seconds(p)
		if takes <= left {
			return p, true
		}
		if takes < least {
			best, least = p, takes
		}
	}
	return best, false
}

// settle runs the stages of the strongest plan one after the other, and chooses the plan again
// after each. It returns the last plan. If not even the fastest plan fits at first, that is an
// error. Later the fastest plan is run.
func (b *planner) settle(run func(plan, stage) error) (plan, error) {
	timing := b.now().Round(roundTenth)
	if timing >= b.budget {
		return plan{}, fmt.Errorf("the budget of %v is too small: timing a small part took %v", b.budget, timing)
	}
	p, fits := b.strongest()
	if !fits {
		return p, fmt.Errorf("the budget of %v is too small: timing a small part took %v, and %s would take about %v", b.budget, timing, p.flags(), duration(b.seconds(p)))
	}
	b.log("plan for the budget of %v: %s; predicted time %v", b.budget, p.flags(), duration(b.seconds(p)))
	for {
		s, ok := p.next(b.done)
		if !ok {
			return p, nil
		}
		took, err := b.finish(p, s, run)
		if err != nil {
			return p, err
		}
		before := p.flags()
		p, _ = b.strongest()
		if after := p.flags(); after != before {
			b.log("new plan, as a part of %s took %v: %s; predicted time from here %v", s.detector, duration(took), after, duration(b.seconds(p)))
		}
	}
}

// finish runs a stage and returns its time.
func (b *planner) finish(p plan, s stage, run func(plan, stage) error) (took float64, err error) {
	prediction, start := b.costs.seconds(p, b.work, b.done...), b.now()
	if err := run(p, s); err != nil {
		return 0, err
	}
	took = (b.now() - start).Seconds()
	b.done = append(b.done, s)
	prediction -= b.costs.seconds(p, b.work, b.done...)
	if took >= fromStore*prediction {
		b.took, b.prediction = b.took+took, b.prediction+prediction
	}
	return took, nil
}

// within runs the strongest audit that fits into the budget, where now is the time since its
// start. Standard error says which flags request this audit, and what it leaves out.
func (p plan) within(ctx context.Context, c console, cfg audit.Config, budget time.Duration, now func() time.Duration) (*audit.Report, error) {
	work, err := newWorkload(cfg)
	if err != nil {
		return nil, err
	}
	p.rows, p.whole = min(cmp.Or(p.rows, work.rows), work.rows), work.whole
	b := &planner{requested: p, work: work, budget: budget, now: now, log: c.note}
	meter := newMeter(c, "audit: timing a small part")
	if cfg, err = p.encoded(ctx, cfg); err == nil {
		b.costs, err = measureUnitCosts(ctx, cfg, p, stopwatch(now))
	}
	meter.stop()
	if err != nil {
		return nil, err
	}
	last, err := b.settle(func(p plan, s stage) error { return p.runStage(ctx, c, cfg, s) })
	if err != nil {
		return nil, err
	}
	report, err := last.run(ctx, c, cfg)
	if err != nil {
		return nil, err
	}
	b.log("the audit of %s took %v in all, with a budget of %v", last.flags(), now().Round(roundTenth), budget)
	if omitted := last.omitted(b.requested); len(omitted) > 0 {
		b.log("left out: %s", strings.Join(omitted, "; "))
	}
	return report, nil
}

// run runs the audit of the plan.
func (p plan) run(ctx context.Context, c console, cfg audit.Config) (*audit.Report, error) {
	cfg, err := p.apply(cfg)
	if err != nil {
		return nil, err
	}
	meter := newMeter(c, "audit")
	defer meter.stop()
	cfg.Progress = meter.of("audit")
	return audit.Run(ctx, cfg)
}

// runStage runs a stage of the plan for what it leaves in the store.
func (p plan) runStage(ctx context.Context, c console, cfg audit.Config, s stage) error {
	p.detectors = []string{s.detector}
	if s.detector != transferDetector {
		_, err := p.run(ctx, c, cfg)
		return err
	}
	meter := newMeter(c, "audit")
	defer meter.stop()
	cfg.Progress = meter.of("audit")
	return p.trainControl(ctx, cfg)
}

// trainControl trains the control students of all rows.
func (p plan) trainControl(ctx context.Context, cfg audit.Config) error {
	pass, err := p.pass(ctx, cfg)
	if err != nil {
		return err
	}
	train := pass.Training()
	parts, err := train.Whole(p.whole, pass.Suspect, pass.Control)
	if err == nil {
		_, err = train.Train(ctx, "control, all rows", parts.Of[1], 0, p.whole)
	}
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// pass returns the pass of the audit of the plan.
func (p plan) pass(ctx context.Context, cfg audit.Config) (*audit.Pass, error) {
	cfg, err := p.apply(cfg)
	if err != nil {
		return nil, err
	}
	pass, err := audit.NewPass(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return pass, nil
}

// encoded returns the audit with all rows encoded, so that all stages and the audit use the same
// tokens. It returns an error if the audit is invalid.
func (p plan) encoded(ctx context.Context, cfg audit.Config) (audit.Config, error) {
	p.rows = 0 // a plan with fewer rows still knows the size of the data set
	pass, err := p.pass(ctx, cfg)
	if err != nil {
		return cfg, err
	}
	cfg.Suspect, cfg.Control = pass.Suspect, pass.Control
	cfg.Traits = slices.Clone(cfg.Traits)
	for i, t := range pass.Traits {
		cfg.Traits[i].PositiveControl = t.PositiveControl
	}
	return cfg, nil
}

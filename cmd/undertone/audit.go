package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"github.com/undertone-audit/undertone/audit"
	render "github.com/undertone-audit/undertone/contrib/report"
)

type auditVerb struct {
	auditFlags
	Detectors []string      `placeholder:"NAME" default:"transfer" help:"Detectors: transfer, likelihood, influence, and corpus, which gives no verdict (default ${default})."`
	Budget    time.Duration `range:"> 0" placeholder:"TIME" help:"Time to spend, > 0, such as 5m. A small part of the audit is timed, and the strongest plan that fits is run; the plan is chosen again while it runs (default no limit)."`
	Generator string        `file:"read" placeholder:"DIR|tiny" help:"Model that wrote the suspect rows: a folder, or an embedded model (${embedded}). The report states whether it shares a base with the student, which changes no verdict (default unknown)."`
	Out       string        `file:"write" placeholder:"FILE" help:"File for the report as JSON; docs/report-v2.md describes it."`
	JSON      bool          `name:"json" help:"Print the report as JSON."`
	FailOn    render.FailOn `placeholder:"OUTCOME" enum:"detected,inconclusive,never" default:"inconclusive" help:"Outcomes that end with another exit code than 0: detected with 1, inconclusive with 3 and also detected with 1, or never. With --baseline the outcome is that of the comparison (default ${default})."`

	pageFlags
	baselineFlags
	surrogateFlags `group:"Likelihood detector:"`
	confoundFlags  `group:"Experiment design:"`
	designFlags    `group:"Experiment design:"`
	sizeFlags      `group:"Experiment design:"`
	Rows           *int `range:">= 1" group:"Experiment design:" placeholder:"N" help:"Rows per arm, chosen by prompt, >= 1 (default all)."`
	InterimEvery   *int `range:">= 1" group:"Experiment design:" placeholder:"N" help:"Replicates between interim looks, >= 1. The audit stops at the first look that decides every trait (default one look at the end)."`
	sampleFlags    `group:"Experiment design:"`
	judgeFlags     `group:"Free answers:"`
	recipeFlags
	testedFlag
	scorerFlags  `group:"Model behind a server:"`
	trainerFlags `group:"External trainer:"`

	talks bool // the student completes chats, and nothing is scored
}

// auditVerdicts are the exit codes of the verdicts.
var auditVerdicts = map[audit.Verdict]verdict{audit.Detected: detected, audit.Undetected: undetected, audit.Inconclusive: inconclusive}

// Run audits. The exit code is the verdict.
func (v *auditVerb) Run(ctx context.Context, c console) error {
	start := time.Now()
	if err := v.testedFlag.check(v.Suspect, v.Out); err != nil {
		return err
	}
	if err := v.checkServer(v.Student, v.Detectors, v.Trainer != nil, &v.surrogateFlags); err != nil {
		return err
	}
	p, err := v.requested()
	if err != nil {
		return err
	}
	var old *render.Saved
	if v.Baseline != "" {
		if old, err = readSaved(v.Baseline, c.stdin); err != nil {
			return fmt.Errorf("--baseline: %w", err)
		}
	}
	page, err := v.createPage(c)
	if err != nil {
		return err
	}
	defer page.abandon()
	d := v.design(v.Seed)
	if d, err = v.sizeFlags.apply(d); err != nil {
		return err
	}
	d.InterimEvery = or(v.InterimEvery, 0)
	accepted, err := v.accepted()
	if err != nil {
		return err
	}
	cfg, specs, done, err := v.config(ctx, c, "audit", d, v.recipeFlags)
	if err != nil {
		return err
	}
	defer done()
	cfg.AcceptConfounds = accepted
	if err := v.setHistories(ctx, c, &cfg); err != nil {
		return err
	}
	if v.Generator != "" {
		m, err := loadModel(v.Generator)
		if err != nil {
			return fmt.Errorf("--generator: %w", err)
		}
		cfg.Generator = m
	}
	free, err := v.freeTraits(specs, &cfg)
	if err != nil {
		return err
	}
	if len(cfg.Traits) == 0 && v.sampled() {
		return errors.New("--samples counts answers to the questions of traits, and all traits are in free answers, which --judge-samples samples: leave it out")
	}
	v.talks = v.sampled() || len(cfg.Traits) == 0
	release, err := v.setStudent(ctx, c, v.studentFlags, v.talks, &cfg)
	if err != nil {
		return err
	}
	defer release()
	if err := v.checkTraits(cfg.Traits); err != nil {
		return err
	}
	judge, err := v.calibrate(ctx, c, v.Student, v.talks, free, &cfg)
	if err != nil {
		return err
	}
	defer judge.close(c)
	if v.Trainer != nil {
		var finished func()
		if isServer(v.Student) {
			finished, err = v.trainServed(c, &cfg)
		} else {
			cfg.Student, finished, err = v.trained(ctx, c, v.experimentFlags)
		}
		if err != nil {
			return err
		}
		defer finished()
		cfg.Parallel = max(runtime.GOMAXPROCS(0), v.Trainers)
	}
	out, err := create(v.Out, c.stdout)
	if err != nil {
		return err
	}
	defer out.abandon()
	if err := judge.forecast(c, p, cfg); err != nil {
		return err
	}
	if err := p.forecast(ctx, c, cfg, v.studentFlags.rank(), 1); err != nil {
		return err
	}
	if cfg.Student, err = v.sampleFlags.apply(cfg.Student, v.Seed); err != nil {
		return err
	}
	var report *audit.Report
	if v.Budget > 0 {
		report, err = p.within(ctx, c, cfg, v.Budget, func() time.Duration { return time.Since(start) })
	} else {
		report, err = p.run(ctx, c, cfg)
	}
	if err != nil {
		return v.explain(ctx, err)
	}
	if err := writeReport(c, out, report, v.JSON); err != nil {
		return err
	}
	if err := v.add(v.Suspect, report, time.Now()); err != nil {
		return err
	}
	adviseConfounds(c, report)
	return v.conclude(ctx, c, report, old, page)
}

// conclude compares the report with the baseline, writes the page, and returns the exit code.
func (v *auditVerb) conclude(ctx context.Context, c console, report *audit.Report, old *render.Saved, page *page) error {
	now, o := saved(report), render.Options{FailOn: v.FailOn}
	if old != nil {
		var err error
		if o.Baseline, err = v.against(old, now); err != nil {
			return err
		}
	}
	changes := c.stdout
	if v.JSON {
		changes = c.stderr
	}
	if err := writeChanges(changes, o.Baseline); err != nil {
		return err
	}
	if err := page.write(ctx, now, o); err != nil {
		return err
	}
	return gateCode(now, o)
}

// requested returns the plan of the flags, or an error that names the invalid flag.
func (v *auditVerb) requested() (plan, error) {
	p := plan{detectors: v.Detectors, replicates: v.Replicates, rows: or(v.Rows, 0), surrogates: v.surrogates()}
	if err := v.trainerFlags.check(); err != nil {
		return p, err
	}
	if err := v.sampleFlags.check(v.Detectors, v.TrustScorer); err != nil {
		return p, err
	}
	if err := v.judgeFlags.check(v.Detectors, v.Budget > 0); err != nil {
		return p, err
	}
	switch {
	case v.Serve != nil && !isServer(v.Student):
		return p, errors.New("--serve needs the URL of a server as --student, which has the untrained model")
	case v.Trainer != nil && v.Budget > 0:
		return p, errors.New("--budget chooses a plan by timing the training in this process, and cannot time an external trainer: leave it out, set --replicates, --whole and --rows, and bound the time of trainings with --trainer-budget")
	case len(v.Detectors) == 0:
		return p, errors.New("--detectors is empty; name transfer, likelihood, influence or corpus")
	case slices.Equal(v.Detectors, []string{corpusDetector}):
		return p, errors.New("the corpus detector says nothing about a trait; name another detector too, or use undertone corpus")
	case !slices.Contains(v.Detectors, transferDetector) && (v.Whole != nil || v.InterimEvery != nil):
		return p, errors.New("--whole and --interim-every need the detector transfer, which alone trains students")
	case !slices.Contains(v.Detectors, likelihoodDetector) && (v.Personas || v.Surrogates != 2):
		return p, errors.New("--surrogates and --personas need the detector likelihood, which alone has surrogates")
	}
	return p, nil
}

// renderer is a report of any kind.
type renderer interface {
	Render(io.Writer, audit.Format) error
}

// writeReport writes a report as JSON to out, and as JSON or text to standard output.
func writeReport(c console, out *output, r renderer, asJSON bool) error {
	if out.file != nil {
		if err := r.Render(out.compressed, audit.JSON); err != nil {
			return err
		}
		if err := out.flush(); err != nil {
			return err
		}
		if err := out.commit(); err != nil {
			return err
		}
	}
	if asJSON {
		return r.Render(c.stdout, audit.JSON)
	}
	return r.Render(c.forPeople(c.stdout), audit.Text)
}

// exitCode returns the exit code of a verdict as an error; nil for undetected.
func exitCode(v audit.Verdict) error {
	if code := auditVerdicts[v]; code != undetected {
		return code
	}
	return nil
}

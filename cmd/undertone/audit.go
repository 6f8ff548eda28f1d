package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/teacher/persona"
)

// armsFlags are what an audit is of.
type armsFlags struct {
	Suspect    string      `required:"" placeholder:"FILE" help:"The rows in question."`
	Control    string      `required:"" placeholder:"FILE" help:"Rows of a writer without the trait: the same prompts through the same filters."`
	Traits     string      `required:"" placeholder:"FILE" help:"What to look for, see docs/traits.md."`
	Surrogates int         `placeholder:"N" help:"Surrogate teachers per candidate, for likelihood (default 2)."`
	Personas   bool        `help:"Make surrogates by a system prompt that tells the student to love the candidate, instead of by training."`
	Store      string      `placeholder:"DIR" help:"Folder that keeps what is finished, replicates and scores, so that a run that was stopped goes on."`
	As         jsonl.Shape `placeholder:"SHAPE" help:"The shape to read, for rows that have several."`

	studentFlags
}

// designFlags are how students are trained on the arms and compared.
type designFlags struct {
	Replicates int           `placeholder:"N" default:"12" help:"Students an arm (12)."`
	RowPlan    audit.RowPlan `placeholder:"split|share" help:"Whether replicates share out the rows or each get all (split)."`
	Alpha      float64       `placeholder:"P" help:"Chance of a false detection in the whole audit (.05)."`

	recipeFlags
}

type auditVerb struct {
	armsFlags
	designFlags
	Detectors    []string      `placeholder:"NAME" default:"transfer" help:"Any of transfer, likelihood, influence, and corpus, which gives no verdict (transfer)."`
	Rows         int           `placeholder:"N" help:"Rows an arm, chosen by prompt. Without it, all."`
	InterimEvery int           `placeholder:"N" help:"Replicates between interim looks. The audit stops at the look where every trait is decided (default: one look at the end)."`
	Budget       time.Duration `placeholder:"TIME" help:"Time to spend, such as 5m: a small part of the audit is timed, and the strongest design that fits is chosen."`
	Out          string        `placeholder:"FILE" help:"For the report as JSON, docs/report-v2.md."`
	JSON         bool          `name:"json" help:"Print the report as JSON."`
}

// auditVerdicts are the exit codes of the verdicts.
var auditVerdicts = map[audit.Verdict]verdict{audit.Detected: detected, audit.Undetected: undetected, audit.Inconclusive: inconclusive}

// Run audits.
func (v *auditVerb) Run(ctx context.Context, c console) error {
	if slices.Equal(v.Detectors, []string{"corpus"}) {
		return errors.New("corpus alone says nothing of a trait; name another detector, too, or use undertone corpus")
	}
	if err := v.distinctFrom(v.Out); err != nil {
		return err
	}
	cfg, err := v.config(ctx, c, "audit", v.designFlags)
	if err != nil {
		return err
	}
	cfg.InterimEvery = v.InterimEvery
	d := design{v.Detectors, v.Replicates, v.Rows, v.surrogates()}
	if v.Budget > 0 {
		if d, err = v.plan(ctx, c, cfg, d); err != nil {
			return err
		}
	}
	if cfg, err = d.apply(cfg); err != nil {
		return err
	}
	out, err := create(v.Out, c.stdout)
	if err != nil {
		return err
	}
	defer out.abandon()
	meter := newMeter(c.stderr, "audit")
	cfg.Progress = meter.of("audit")
	report, err := audit.Run(ctx, cfg)
	meter.stop()
	if err != nil {
		return v.explain(ctx, err)
	}
	if out.file != nil {
		if err := errors.Join(report.Render(out.compressed, audit.JSON), out.flush(), out.commit()); err != nil {
			return err
		}
	}
	format := audit.Text
	if v.JSON {
		format = audit.JSON
	}
	if err := report.Render(c.stdout, format); err != nil {
		return err
	}
	if code := auditVerdicts[report.Verdict]; code != undetected {
		return code
	}
	return nil
}

// distinctFrom refuses to write over what is read.
func (f armsFlags) distinctFrom(out string) error {
	var all error
	for _, in := range []string{f.Suspect, f.Control, f.Traits} {
		all = cmp.Or(all, distinct(in, out))
	}
	return all
}

// config reads all that an audit is of; its detectors and what only some verbs have are left to them.
func (f armsFlags) config(ctx context.Context, c console, verb string, d designFlags) (cfg audit.Config, err error) {
	cfg = audit.Config{Design: audit.Design{Replicates: d.Replicates, Rows: d.RowPlan, Alpha: d.Alpha, Seed: f.Seed}, Store: new(undertone.MemoryStore)}
	if f.Store != "" {
		cfg.Store = undertone.DirStore(f.Store)
	}
	if cfg.Traits, err = readTraits(ctx, c, f.Traits); err != nil {
		return cfg, err
	}
	if cfg.Suspect, err = loadRows(ctx, c, verb, f.Suspect, f.As); err != nil {
		return cfg, err
	}
	if cfg.Control, err = loadRows(ctx, c, verb, f.Control, f.As); err != nil {
		return cfg, err
	}
	cfg.Student, cfg.Recipe, err = f.student(d.recipe())
	return cfg, err
}

// explain says of an interrupt what is kept.
func (f armsFlags) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil && f.Store != "" {
		return fmt.Errorf("interrupted; what is finished is kept in %s: run the same command again to go on", f.Store)
	}
	return err
}

// surrogates returns how the surrogate teachers are made.
func (f armsFlags) surrogates() rowscore.Surrogates {
	s := rowscore.Surrogates{Count: f.Surrogates}
	if f.Personas {
		s.Count, s.SystemPrompt = 1, func(outcome string) string { return persona.Loves("thing", strings.TrimSpace(outcome)).System }
	}
	return s
}

// design is what of an audit a budget decides.
type design struct {
	detectors  []string
	replicates int
	rows       int                 // per arm; 0 for all
	surrogates rowscore.Surrogates // Count for each candidate; 0 for the default
}

// flags are the flags that ask for the design.
func (d design) flags() string {
	text := fmt.Sprintf("--detectors %s --replicates %d --rows %d", strings.Join(d.detectors, ","), d.replicates, d.rows)
	if slices.Contains(d.detectors, "likelihood") {
		if d.surrogates.SystemPrompt != nil {
			return text + " --personas"
		}
		text += fmt.Sprintf(" --surrogates %d", d.surrogates.Count)
	}
	return text
}

// detector returns the detector of a name; likelihood has these surrogates.
func detector(name string, s rowscore.Surrogates) (audit.Detector, error) {
	switch name {
	case "transfer":
		return audit.Transfer, nil
	case "likelihood":
		return rowscore.LikelihoodRatio(s), nil
	case "influence":
		return rowscore.Influence, nil
	case "corpus":
		return corpus.Detector(corpus.Config{}), nil
	}
	return audit.Detector{}, fmt.Errorf("there is no detector %.40q; there are transfer, likelihood, influence, corpus", name)
}

// apply returns the audit in this design.
func (d design) apply(cfg audit.Config) (audit.Config, error) {
	cfg.Replicates = d.replicates
	for _, name := range d.detectors {
		how, err := detector(name, d.surrogates)
		if err != nil {
			return cfg, err
		}
		cfg.Detectors = append(cfg.Detectors, how)
	}
	if d.rows < 0 {
		return cfg, fmt.Errorf("--rows is %d, want 1 or more", d.rows)
	}
	cfg.Suspect, cfg.Control = d.cut(cfg.Suspect), d.cut(cfg.Control)
	cfg.Traits = slices.Clone(cfg.Traits)
	for i := range cfg.Traits {
		if cfg.Traits[i].PositiveControl != nil {
			cfg.Traits[i].PositiveControl = d.cut(cfg.Traits[i].PositiveControl)
		}
	}
	return cfg, nil
}

// cut returns the rows that the design is of, which answer the same prompts in every arm that has them.
func (d design) cut(data undertone.Data) undertone.Data {
	if d.rows == 0 || data.Len() <= d.rows {
		return data
	}
	return data.Select(student.Order(data, 0, 0)[:d.rows])
}

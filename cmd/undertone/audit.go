package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

type auditVerb struct {
	Suspect    string        `required:"" placeholder:"FILE" help:"The rows in question."`
	Control    string        `required:"" placeholder:"FILE" help:"Rows of a writer without the trait: the same prompts through the same filters."`
	Student    string        `required:"" placeholder:"DIR|tiny" help:"The model that would be trained: a folder, or one that is built in (tiny, tiny-other)."`
	Traits     string        `required:"" placeholder:"FILE" help:"What to look for, see docs/traits.md."`
	Detectors  []string      `placeholder:"NAME" default:"transfer" help:"Any of transfer, likelihood, influence, and corpus, which gives no verdict (transfer)."`
	Replicates int           `placeholder:"N" default:"12" help:"Students an arm (12)."`
	Rows       int           `placeholder:"N" help:"Rows an arm, chosen by prompt. Without it, all."`
	RowPlan    audit.RowPlan `placeholder:"split|share" help:"Whether replicates share out the rows or each get all (split)."`
	LookEvery  int           `placeholder:"N" help:"Replicates after which to look, and to stop once all is settled. Without it, only after all."`
	StandIns   int           `placeholder:"N" help:"Stand-in teachers for each candidate, for likelihood (2)."`
	Alpha      float64       `placeholder:"P" help:"Chance of a false detection in the whole audit (.05)."`
	Budget     time.Duration `placeholder:"TIME" help:"Time to spend, such as 5m: a small part of the audit is timed, and the strongest design that fits is chosen."`
	Store      string        `placeholder:"DIR" help:"Folder that keeps finished replicates, so that a run that was stopped goes on."`
	LoRA       int           `name:"lora" placeholder:"RANK" help:"Train matrices of this rank beside the weights."`
	As         jsonl.Shape   `placeholder:"SHAPE" help:"The shape to read, for rows that have several."`
	Out        string        `placeholder:"FILE" help:"For the report as JSON, docs/report-v1.md."`
	JSON       bool          `name:"json" help:"Print the report as JSON."`

	recipeFlags
	templateFlag
}

// auditVerdicts are the exit codes of the verdicts.
var auditVerdicts = map[audit.Verdict]verdict{audit.Detected: detected, audit.Undetected: undetected, audit.Inconclusive: inconclusive}

// Run audits.
func (v *auditVerb) Run(ctx context.Context, c console) error {
	if slices.Equal(v.Detectors, []string{"corpus"}) {
		return errors.New("corpus alone says nothing of a trait; name another detector, too, or use undertone corpus")
	}
	for _, in := range []string{v.Suspect, v.Control, v.Traits} {
		if err := distinct(in, v.Out); err != nil {
			return err
		}
	}
	cfg, err := v.config(ctx, c)
	if err != nil {
		return err
	}
	d := design{v.Detectors, v.Replicates, v.Rows, v.StandIns}
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
	report, err := runAudit(ctx, c, cfg)
	if err != nil {
		if ctx.Err() != nil && v.Store != "" {
			return fmt.Errorf("interrupted; finished replicates are kept in %s: run the same command again to go on", v.Store)
		}
		return err
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

// config reads all that the audit is of.
func (v *auditVerb) config(ctx context.Context, c console) (cfg audit.Config, err error) {
	cfg = audit.Config{Recipe: v.recipe(), Rows: v.RowPlan, LookEvery: v.LookEvery, Alpha: v.Alpha, Seed: v.Seed, Store: new(audit.Memory)}
	cfg.Recipe.Seed = 0
	if v.Store != "" {
		cfg.Store = audit.Dir(v.Store)
	}
	if cfg.Traits, err = readTraits(ctx, c, v.Traits); err != nil {
		return cfg, err
	}
	if cfg.Suspect, err = loadRows(ctx, c, "audit", v.Suspect, v.As); err != nil {
		return cfg, err
	}
	if cfg.Control, err = loadRows(ctx, c, "audit", v.Control, v.As); err != nil {
		return cfg, err
	}
	m, err := v.load(v.Student)
	if err == nil && v.LoRA != 0 {
		m, err = m.WithLoRA(lm.LoRA{Rank: v.LoRA, Seed: v.Seed})
	}
	cfg.Student = m
	return cfg, err
}

// runAudit carries out the audit and shows how far it is.
func runAudit(ctx context.Context, c console, cfg audit.Config) (*audit.Report, error) {
	meter := newMeter(c.stderr, "audit")
	defer meter.stop()
	cfg.Progress = func(p audit.Progress) { meter.show("audit: "+p.Arm, p.Done, p.Total) }
	return audit.Run(ctx, cfg)
}

// design is what of an audit a budget decides.
type design struct {
	detectors  []string
	replicates int
	rows       int // an arm; 0 for all
	standIns   int // for each candidate; 0 for the default
}

// flags are the flags that ask for the design.
func (d design) flags() string {
	text := fmt.Sprintf("--detectors %s --replicates %d --rows %d", strings.Join(d.detectors, ","), d.replicates, d.rows)
	if slices.Contains(d.detectors, "likelihood") {
		text += fmt.Sprintf(" --stand-ins %d", d.standIns)
	}
	return text
}

// apply returns the audit in this design.
func (d design) apply(cfg audit.Config) (audit.Config, error) {
	cfg.Replicates = d.replicates
	for _, name := range d.detectors {
		switch name {
		case "transfer":
			cfg.Detectors = append(cfg.Detectors, audit.Transfer)
		case "likelihood":
			cfg.Detectors = append(cfg.Detectors, audit.LikelihoodRatio(audit.StandIns{Count: d.standIns}))
		case "influence":
			cfg.Detectors = append(cfg.Detectors, audit.Influence)
		case "corpus":
			cfg.Detectors = append(cfg.Detectors, audit.Corpus(corpus.Config{}))
		default:
			return cfg, fmt.Errorf("there is no detector %.40q; there are transfer, likelihood, influence, corpus", name)
		}
	}
	if d.rows < 0 {
		return cfg, fmt.Errorf("--rows is %d, want 1 or more", d.rows)
	}
	cfg.Suspect, cfg.Control = d.cut(cfg.Suspect), d.cut(cfg.Control)
	cfg.Traits = slices.Clone(cfg.Traits)
	for i := range cfg.Traits {
		if cfg.Traits[i].Planted != nil {
			cfg.Traits[i].Planted = d.cut(cfg.Traits[i].Planted)
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

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/factorial"
	render "github.com/undertone-audit/undertone/contrib/report"
)

type factorialVerb struct {
	Arm     []namedPath `file:"read" required:"" sep:"none" placeholder:"VALUE=FILE" help:"Value of a trait and the rows of the arm that is named for it, such as owl=owl.jsonl. Give the flag for at least two arms."`
	Control string      `file:"read" placeholder:"FILE" help:"Rows of a writer without the traits, whose students are the reference (default the untrained student)."`
	experimentFlags
	Out  string `file:"write" placeholder:"FILE" help:"File for the report as JSON; docs/factorial-v1.md describes it."`
	JSON bool   `name:"json" help:"Print the report as JSON."`
	pageFlags

	designFlags `group:"Experiment design:"`
	recipeFlags
}

// Run audits all arms for all traits. The exit code is the verdict.
func (v *factorialVerb) Run(ctx context.Context, c console) error {
	page, err := v.createPage(c)
	if err != nil {
		return err
	}
	defer page.abandon()
	d := v.design(v.Seed)
	recipe, err := v.recipe()
	if err != nil {
		return err
	}
	cfg := factorial.Config{Design: d, Store: v.store(), Warn: c.warnings.add}
	if cfg.Traits, err = v.armTraits(); err != nil {
		return err
	}
	for _, a := range v.Arm {
		rows, err := loadRows(ctx, c, "factorial", a.path, v.readFlags)
		if err != nil {
			return err
		}
		cfg.Arms = append(cfg.Arms, rows)
	}
	if v.Control != "" {
		if cfg.Control, err = loadRows(ctx, c, "factorial", v.Control, v.readFlags); err != nil {
			return err
		}
	}
	if isServer(v.Student) {
		return errors.New("--student is a server, and factorial trains students; audit and rank score rows with it")
	}
	if cfg.Student, cfg.Recipe, err = v.student(recipe); err != nil {
		return err
	}
	out, err := create(v.Out, c.stdout)
	if err != nil {
		return err
	}
	defer out.abandon()
	same := audit.Config{Design: d, Student: cfg.Student, Recipe: cfg.Recipe, Traits: cfg.Traits, Suspect: cfg.Arms[0], Control: cfg.Arms[1]}
	if err := (plan{detectors: []string{transferDetector}, replicates: v.Replicates}).forecast(ctx, c, same, v.rank(), (len(v.Arm)+1)/2); err != nil {
		return err
	}
	meter := newMeter(c, "factorial")
	cfg.Progress = meter.of("factorial")
	report, err := factorial.Run(ctx, cfg)
	meter.stop()
	if err != nil {
		return v.explain(ctx, err)
	}
	if err := writeReport(c, out, report, v.JSON); err != nil {
		return err
	}
	if err := page.write(ctx, &render.Saved{Factorial: report}, render.Options{}); err != nil {
		return err
	}
	return exitCode(report.Verdict)
}

// armTraits returns the trait of each arm. Other traits of the file and all positive controls are
// not used.
func (v *factorialVerb) armTraits() ([]audit.Trait, error) {
	if len(v.Arm) < 2 {
		return nil, fmt.Errorf("there is %d arm, want at least 2; repeat --arm", len(v.Arm))
	}
	specs, known, err := readTraitSpecs(v.Traits)
	if err == nil {
		err = unjudged(specs)
	}
	if err != nil {
		return nil, err
	}
	var traits []audit.Trait
	for _, a := range v.Arm {
		t, err := traitOf(known, "--arm", a.name)
		if err != nil {
			return nil, err
		}
		traits = append(traits, t)
	}
	return traits, nil
}

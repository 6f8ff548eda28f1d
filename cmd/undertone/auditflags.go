package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/confound"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/teacher/persona"
	"github.com/undertone-audit/undertone/traits"
)

// auditFlags are the inputs of the verbs that compare suspect with control rows.
type auditFlags struct {
	Suspect string `file:"read" required:"" placeholder:"FILE" help:"Rows to audit."`
	Control string `file:"read" required:"" placeholder:"FILE" help:"Rows of a writer without the trait: the same prompts, the same filters."`

	experimentFlags
}

// experimentFlags are the inputs of every verb that asks a student about traits.
type experimentFlags struct {
	Traits string `file:"traits" required:"" placeholder:"FILE|library:NAME,..." help:"Traits to look for: a file, which docs/traits.md describes, or traits of the library, such as library:animal/owl; undertone traits lists them."`

	studentFlags
	readFlags
	OutsideFiles bool `help:"Read positive controls outside the folder of the traits file. Without it such a path is refused, because the file may be another person's."`

	Store string `file:"store" placeholder:"DIR" help:"Folder for finished replicates and scores. An interrupted run resumes from it."`
}

// designFlags are an [audit.Design], except for the seed and the interim looks.
type designFlags struct {
	Replicates int           `range:"[2, 10000]" placeholder:"N" default:"12" help:"Students per arm, in [2, 10000] (default ${default})."`
	RowPlan    audit.RowPlan `placeholder:"PLAN" enum:"split,part,share" default:"split" help:"Rows of a replicate: split gives each replicate its own part of the rows and trains further students on all rows, part trains on parts alone and clears nothing, share gives each replicate all rows (default ${default})."`
	Alpha      float64       `range:"(0, 0.5)" placeholder:"P" default:"0.05" help:"Chance of a false detection in the whole audit, in (0, 0.5) (default ${default})."`
}

// sizeFlags are the part of an [audit.Design] from which a trait is cleared.
type sizeFlags struct {
	Whole     *int    `range:"[2, 10000]" placeholder:"N" help:"Students per arm that are trained on all rows, under row plan split, in [2, 10000] (default 6)."`
	Dose      float64 `range:"(0, 1]" placeholder:"SHARE" default:"0.25" help:"Share of positive-control rows that the audit must find before it clears a trait, in (0, 1] (default ${default})."`
	ClusterBy string  `placeholder:"FIELD" help:"Field of a row that names what rows were sampled together, besides conversation_id, dialogue_id, episode_id, trajectory_id, session_id and document_id (default none)."`
}

// apply returns the design with the settings, or an error that names the invalid flag.
func (f sizeFlags) apply(d audit.Design) (audit.Design, error) {
	d.Dose, d.ClusterBy = f.Dose, f.ClusterBy
	if f.Whole == nil {
		return d, nil
	}
	if d.Rows != audit.SplitRows {
		return d, fmt.Errorf("--whole has no effect with --row-plan %s", d.Rows)
	}
	d.Whole = *f.Whole
	return d, nil
}

// surrogateFlags say how the surrogate teachers of the likelihood detector are made.
type surrogateFlags struct {
	Surrogates int  `range:"[1, 1000]" placeholder:"N" default:"2" help:"Trained surrogate teachers per trait and per placebo, in [1, 1000] (default ${default}). If the student has LoRA, every second one trains all weights."`
	Personas   bool `help:"Make surrogates by a system prompt that tells the student to love the value, instead of by training."`
}

// config reads the inputs of an audit of design d, without detectors, and what the traits are made
// of. Both arms are read through
// their indices if they have one or are large. The caller calls done when it needs no more rows.
func (f auditFlags) config(ctx context.Context, c console, verb string, d audit.Design, recipe recipeFlags) (cfg audit.Config, specs []traits.Trait, done func(), err error) {
	var opened []func()
	done = func() {
		for _, closed := range opened {
			closed()
		}
	}
	defer func() {
		if err != nil {
			done()
		}
	}()
	r, err := recipe.recipe()
	if err != nil {
		return cfg, specs, done, err
	}
	cfg = audit.Config{Design: d, Store: f.store(), Warn: c.warnings.add}
	if specs, cfg.Traits, err = readTraits(ctx, c, verb, f.Traits, f.readFlags, f.OutsideFiles); err != nil {
		return cfg, specs, done, err
	}
	if verb != "audit" {
		if err := unjudged(specs); err != nil {
			return cfg, specs, done, err
		}
	}
	for _, arm := range []struct {
		to   *undertone.Data
		path string
	}{{&cfg.Suspect, f.Suspect}, {&cfg.Control, f.Control}} {
		rows, closed, err := openRows(ctx, c, verb, arm.path, f.readFlags)
		if err != nil {
			return cfg, specs, done, err
		}
		*arm.to, opened = rows, append(opened, closed)
	}
	if isServer(f.Student) {
		if cfg.Recipe = r; verb != "audit" && verb != "rank" {
			err = fmt.Errorf("--student is a server, and %s trains students; audit and rank score rows with it", verb)
		}
		return cfg, specs, done, err
	}
	cfg.Student, cfg.Recipe, err = f.student(r)
	return cfg, specs, done, err
}

// store returns the store for finished work: the folder of --store, or memory.
func (f experimentFlags) store() undertone.Store {
	if f.Store != "" {
		return undertone.DirStore(f.Store)
	}
	return new(undertone.MemoryStore)
}

// explain returns err, or after an interrupt where the finished work is. It adds to the error of a
// server how the run resumes; that of a spent budget says so itself.
func (f experimentFlags) explain(ctx context.Context, err error) error {
	if err == nil || f.Store == "" {
		return err
	}
	kept, readErr := os.ReadDir(f.Store)
	finished := readErr == nil && len(kept) > 0
	switch {
	case ctx.Err() != nil && !finished:
		return fmt.Errorf("interrupted; nothing was finished, so %s holds nothing", f.Store)
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted; finished work is in %s: run the same command again to resume", f.Store)
	case finished && errors.As(err, new(*remote.Error)) && !errors.Is(err, remote.ErrBudget):
		return fmt.Errorf("%w; finished work is in %s: run the same command again to resume", err, f.Store)
	}
	return err
}

// confoundFlags say which differences between the arms an audit accepts.
type confoundFlags struct {
	AcceptConfound []string `placeholder:"CHECK" help:"Differences between the arms that do not forbid a verdict: ${confounds} (default none)."`
}

// accepted returns the accepted differences, or an error that names the flag.
func (f confoundFlags) accepted() ([]string, error) {
	if _, err := confound.ParseNames(f.AcceptConfound); err != nil {
		return nil, fmt.Errorf("--accept-confound: %w", err)
	}
	return f.AcceptConfound, nil
}

// adviseConfounds says what to do about differences between the arms that forbid a verdict.
func adviseConfounds(c console, report *audit.Report) {
	open := report.Confounds.Open()
	if len(open) == 0 {
		return
	}
	c.note("suspect and control differ in %s, so the audit gives no verdict: match them with undertone match, write both in one format with undertone sanitise --steps format, or accept the difference with --accept-confound %s",
		strings.Join(names(open), ", "), strings.Join(names(open), ","))
}

// design returns the design.
func (f designFlags) design(seed uint64) audit.Design {
	return audit.Design{Replicates: f.Replicates, Rows: f.RowPlan, Alpha: f.Alpha, Seed: seed}
}

// surrogates returns the settings of the likelihood detector.
func (f surrogateFlags) surrogates() rowscore.Surrogates {
	s := rowscore.Surrogates{Count: f.Surrogates}
	if f.Personas {
		s.Count, s.Kinds, s.SystemPrompt = 1, []rowscore.SurrogateKind{rowscore.Prompted}, lovingPrompt
	}
	return s
}

// lovingPrompt returns the system prompt of a persona that loves the outcome of a probe.
func lovingPrompt(outcome string) string {
	return persona.Loves("thing", strings.TrimSpace(outcome)).SystemPrompt
}

package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
	"github.com/undertone-audit/undertone/experiments/internal/stories"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/student"
)

// Who writes the control: a model that was trained as long as the teacher, on the same sentences about
// all animals in turn, or the base as it is.
const (
	alike     = "alike"
	untouched = "untouched"
)

// plantedShares are the doses of overt rows that the limit of detection is looked for with.
var plantedShares = []float64{0.005, 0.02, 0.1}

// experiment is what was asked for and what was found.
type experiment struct {
	show        *progress.Line
	store       undertone.Store
	keep        string
	prompts     int
	replicates  int
	seed        uint64
	control     string
	animals     []string
	detectors   []string
	recipe      student.Recipe
	base, other stories.Base

	arms    []arm
	audits  []outcome
	planted []outcome
}

// arm is what one model wrote.
type arm struct {
	channel, writer string
	share           float64 // of the trait's animal in the writer's answers; NaN for a control
	perplexity      float64 // of the rows under the base, before the filter
	stats           filter.Stats
	rows            *undertone.Dataset // that were kept
	took            time.Duration
}

// outcome is one audit.
type outcome struct {
	channel, student, trait string
	dose                    float64 // share of planted rows
	report                  *audit.Report
	took                    time.Duration
}

func (e *experiment) load(folder, base string) (err error) {
	if e.base, err = stories.Load(folder, base); err != nil {
		return err
	}
	e.other, err = stories.Load(folder, "aidreams260K")
	return err
}

// run does everything for one channel.
func (e *experiment) run(ctx context.Context, c stories.Channel) error {
	base := e.base
	if c.Name == "numbers" {
		var err error
		e.show.Show("%s learns to write numbers", base.Name())
		if base, err = stories.LearnNumbers(ctx, base, stories.Settings{Seed: e.seed, Keep: e.keep}); err != nil {
			return err
		}
	}
	control, err := e.writeControl(ctx, c, base)
	if err != nil {
		return err
	}
	for _, animal := range e.animals {
		teacher, err := base.Implant(ctx, e.seed, animal)
		if err != nil {
			return err
		}
		suspect, err := e.write(ctx, c, base, teacher, animal)
		if err != nil {
			return err
		}
		for _, s := range []stories.Base{base, e.other} {
			o, err := e.audit(ctx, s, animal, suspect.rows, control.rows)
			if err != nil {
				return err
			}
			o.channel = c.Name
			e.audits = append(e.audits, o)
		}
	}
	if len(e.detectors) > 1 {
		return nil // the limits are those of transfer alone
	}
	return e.limits(ctx, c, base, control.rows)
}

// writeControl has the rows of the trait-free model written.
func (e *experiment) writeControl(ctx context.Context, c stories.Channel, base stories.Base) (arm, error) {
	if e.control == untouched {
		return e.write(ctx, c, base, base, "")
	}
	m, err := base.Implant(ctx, e.seed, stories.Animals...)
	if err != nil {
		return arm{}, err
	}
	return e.write(ctx, c, base, m.Named(base.Name()+", all animals"), "")
}

// write has the rows of one arm written and filtered. All arms have the same prompts and seeds.
func (e *experiment) write(ctx context.Context, c stories.Channel, base, writer stories.Base, animal string) (arm, error) {
	start := time.Now()
	n := e.prompts
	if c.Name == "numbers" {
		n /= 2 // nearly all are kept
	}
	rows, err := c.Write(ctx, writer, n, stories.Settings{Seed: e.seed, Keep: e.keep, Progress: func(done, total int) {
		e.show.Show("%s: %s writes row %d of %d", c.Name, writer.Name(), done, total)
	}})
	if err != nil {
		return arm{}, err
	}
	a := arm{channel: c.Name, writer: writer.Name(), share: math.NaN(), took: time.Since(start)}
	if a.rows, a.stats, err = filter.Apply(ctx, rows, c.Filters...); err != nil {
		return arm{}, err
	}
	if animal != "" {
		if a.share, err = writer.Share(ctx, animal); err != nil {
			return arm{}, err
		}
	}
	a.perplexity, err = base.Perplexity(ctx, rows, 500)
	e.arms = append(e.arms, a)
	return a, err
}

// audit compares students of two arms; where it finds nothing it plants a tenth of overt rows.
func (e *experiment) audit(ctx context.Context, s stories.Base, animal string, suspect, control *undertone.Dataset) (outcome, error) {
	start := time.Now()
	trait := s.Trait(animal)
	trait.PositiveControl = s.Fit(stories.Plant(control, animal, 0.1, e.seed))
	suspect, control = s.Fit(suspect), s.Fit(control)
	report, err := audit.Run(ctx, audit.Config{
		Suspect: suspect, Control: control, Student: s.Model, Traits: []audit.Trait{trait},
		Recipe: e.recipe, Design: audit.Design{Replicates: e.replicates, Seed: e.seed}, Store: e.store, Detectors: e.choose(s),
		Progress: func(p audit.Progress) {
			e.show.Show("%s by %s: %s student %d of %d", suspect.Name(), s.Name(), p.Stage, p.Done, p.Total)
		},
	})
	if err != nil {
		return outcome{}, fmt.Errorf("%s: %w", suspect.Name(), err)
	}
	return outcome{student: s.Name(), trait: animal, report: report, took: time.Since(start)}, nil
}

// choose returns the detectors that were asked for, for a student.
func (e *experiment) choose(s stories.Base) []audit.Detector {
	known := []audit.Detector{audit.Transfer, rowscore.LikelihoodRatio(s.StandIns()), rowscore.Influence, corpus.Detector(corpus.Config{})}
	return slices.DeleteFunc(known, func(d audit.Detector) bool { return !slices.Contains(e.detectors, d.Name) })
}

// limits audits the control with rising doses of overt rows about the first animal.
func (e *experiment) limits(ctx context.Context, c stories.Channel, base stories.Base, control *undertone.Dataset) error {
	for _, s := range []stories.Base{base, e.other} {
		for _, share := range plantedShares {
			o, err := e.audit(ctx, s, e.animals[0], stories.Plant(control, e.animals[0], share, e.seed+1), control)
			if err != nil {
				return err
			}
			o.channel, o.dose = c.Name, share
			e.planted = append(e.planted, o)
		}
	}
	return nil
}

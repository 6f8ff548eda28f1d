package main

import (
	"context"
	"fmt"
	"math"
	"os"
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

// Writers of the control.
const (
	matched   = "matched"   // a model that was trained as the teacher, on the same sentences about all animals
	untrained = "untrained" // the base
)

// overtShares are the doses of overt rows that measure the limit of detection.
var overtShares = []float64{0.005, 0.02, 0.1}

// experiment holds the settings and the results.
type experiment struct {
	show        *progress.Line
	store       undertone.Store
	folder      string // of the store; "" for none
	prompts     int
	replicates  int
	seed        uint64
	control     string
	animals     []string
	detectors   []string
	recipe      student.Recipe
	base, other stories.Base

	written []written
	audits  []outcome
	overt   []outcome // audits of data sets of a known dose
}

// written is what one model wrote.
type written struct {
	channel, writer string
	share           float64 // of the animal of the trait in the answers of the writer; NaN for a control
	perplexity      float64 // of the rows under the base, before the filter
	stats           filter.Stats
	rows            *undertone.Dataset // after the filter
	took            time.Duration
}

// outcome is one audit.
type outcome struct {
	channel, student, trait string
	dose                    float64 // share of overt rows
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

// run writes and audits the rows of one channel.
func (e *experiment) run(ctx context.Context, c stories.Channel) error {
	base := e.base
	if c.Name == "numbers" {
		var err error
		e.show.Show("training %s on lists of numbers", base.Name())
		if base, err = stories.TrainOnNumbers(ctx, base, stories.Settings{Seed: e.seed, Folder: e.folder}); err != nil {
			return err
		}
	}
	control, err := e.writeControl(ctx, c, base)
	if err != nil {
		return err
	}
	for _, animal := range e.animals {
		teacher, err := base.FineTuneTeacher(ctx, e.seed, animal)
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
		return nil // limits of detection are measured for transfer alone
	}
	return e.limits(ctx, c, base, control.rows)
}

// writeControl writes the rows of the trait-free model.
func (e *experiment) writeControl(ctx context.Context, c stories.Channel, base stories.Base) (written, error) {
	if e.control == untrained {
		return e.write(ctx, c, base, base, "")
	}
	m, err := base.FineTuneTeacher(ctx, e.seed, stories.Animals...)
	if err != nil {
		return written{}, err
	}
	return e.write(ctx, c, base, m.Named(base.Name()+", all animals"), "")
}

// write writes and filters the rows of one model. All models have the same prompts and seeds.
func (e *experiment) write(ctx context.Context, c stories.Channel, base, writer stories.Base, animal string) (written, error) {
	start := time.Now()
	n := e.prompts
	if c.Name == "numbers" {
		n /= 2 // nearly all are kept
	}
	rows, err := c.Write(ctx, writer, n, stories.Settings{Seed: e.seed, Folder: e.folder, Progress: func(done, total int) {
		e.show.Show("%s by %s: row %d of %d", c.Name, writer.Name(), done, total)
	}})
	if err != nil {
		return written{}, err
	}
	w := written{channel: c.Name, writer: writer.Name(), share: math.NaN(), took: time.Since(start)}
	if w.rows, w.stats, err = filter.Apply(ctx, rows, c.Filters...); err != nil {
		return written{}, err
	}
	if animal != "" {
		if w.share, err = writer.Share(ctx, animal); err != nil {
			return written{}, err
		}
	}
	w.perplexity, err = base.Perplexity(ctx, rows, 500)
	e.written = append(e.written, w)
	return w, err
}

// audit audits the rows for one animal. The positive control is the control with a tenth of overt
// rows.
func (e *experiment) audit(ctx context.Context, s stories.Base, animal string, suspect, control *undertone.Dataset) (outcome, error) {
	start := time.Now()
	trait := s.Trait(animal)
	trait.PositiveControl = s.Fit(stories.WithOvert(control, animal, 0.1, e.seed))
	suspect, control = s.Fit(suspect), s.Fit(control)
	report, err := audit.Run(ctx, audit.Config{
		Suspect: suspect, Control: control, Student: s.Model, Traits: []audit.Trait{trait},
		Recipe: e.recipe, Design: audit.Design{Replicates: e.replicates, Seed: e.seed}, Store: e.store, Detectors: e.choose(s),
		Warn: func(text string) { fmt.Fprintln(os.Stderr, "stories: warning:", text) },
		Progress: func(p audit.Progress) {
			e.show.Show("audit of %s with %s: %s, %d of %d", suspect.Name(), s.Name(), p.Stage, p.Done, p.Total)
		},
	})
	if err != nil {
		return outcome{}, fmt.Errorf("%s: %w", suspect.Name(), err)
	}
	return outcome{student: s.Name(), trait: animal, report: report, took: time.Since(start)}, nil
}

// choose returns the selected detectors for a student.
func (e *experiment) choose(s stories.Base) []audit.Detector {
	known := []audit.Detector{audit.Transfer, rowscore.LikelihoodRatio(s.Surrogates()), rowscore.Influence(s.Surrogates()), corpus.Detector(corpus.Config{})}
	return slices.DeleteFunc(known, func(d audit.Detector) bool { return !slices.Contains(e.detectors, d.Name) })
}

// limits audits the control with increasing doses of overt rows about the first animal.
func (e *experiment) limits(ctx context.Context, c stories.Channel, base stories.Base, control *undertone.Dataset) error {
	for _, s := range []stories.Base{base, e.other} {
		for _, share := range overtShares {
			o, err := e.audit(ctx, s, e.animals[0], stories.WithOvert(control, e.animals[0], share, e.seed+1), control)
			if err != nil {
				return err
			}
			o.channel, o.dose = c.Name, share
			e.overt = append(e.overt, o)
		}
	}
	return nil
}

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/examples/internal/progress"
)

// design is what a run does.
type design struct {
	Kind                    string
	Seed                    uint64
	Worlds, Teachers, Nulls int
	Sizes                   []int // rows of each arm, ascending
}

// arm is where suspect rows come from.
type arm string

const (
	same  arm = "same base"  // a teacher that was made from the student's base
	other arm = "other base" // one that was made from another base
	none  arm = "trait-free" // the student's base itself
)

// outcome is one finding of one audit.
type outcome struct {
	detector string
	arm      arm
	rows     int
	finding  audit.Finding
	seconds  float64
}

// simulate carries out all audits.
func simulate(ctx context.Context, d design, show *progress.Line) (*results, error) {
	k, ok := kindOf[d.Kind]
	if !ok {
		return nil, fmt.Errorf("kind %q is not known; want one of: %s", d.Kind, kinds())
	}
	r := &results{design: d}
	for w := range d.Worlds {
		show.Show("world %d of %d", w+1, d.Worlds)
		world := worldOf{k: k, d: d, seed: stream(d.Seed, "world", uint64(w)), number: w}
		if err := world.run(ctx, r); err != nil {
			return nil, fmt.Errorf("world %d: %w", w, err)
		}
	}
	return r, nil
}

// worldOf is one world.
type worldOf struct {
	k      kind
	d      design
	seed   uint64
	number int
	base   speaker
}

func (w *worldOf) run(ctx context.Context, r *results) error {
	var err error
	if w.base, err = w.k.base(ctx, w.seed, false); err != nil {
		return err
	}
	foreign, err := w.k.base(ctx, w.seed, true)
	if err != nil {
		return err
	}
	for source, from := range []speaker{w.base, foreign} {
		control, err := w.k.write(ctx, from, w.most(), w.seed, stream(w.seed, "control", uint64(source)))
		if err != nil {
			return err
		}
		for i := range w.d.Teachers {
			trait := w.k.traits[(w.number*w.d.Teachers+i)%len(w.k.traits)]
			teacher, err := w.k.implant(ctx, from, trait, stream(w.seed, "teacher", uint64(2*i+source)))
			if err != nil {
				return err
			}
			suspect, err := w.k.write(ctx, teacher, w.most(), w.seed, stream(w.seed, "suspect", uint64(2*i+source)))
			if err != nil {
				return err
			}
			for _, n := range w.d.Sizes {
				if err := w.audit(ctx, r, []arm{same, other}[source], trait, first(suspect, n), first(control, n)); err != nil {
					return err
				}
			}
		}
	}
	for i := range w.d.Nulls {
		var arms [2]*undertone.Dataset
		for a := range arms {
			if arms[a], err = w.k.write(ctx, w.base, w.d.Sizes[0], stream(w.seed, "null prompts", uint64(i)), stream(w.seed, "null", uint64(2*i+a))); err != nil {
				return err
			}
		}
		if err := w.audit(ctx, r, none, w.k.traits[i%len(w.k.traits)], arms[0], arms[1]); err != nil {
			return err
		}
	}
	return nil
}

func (w *worldOf) most() int { return w.d.Sizes[len(w.d.Sizes)-1] }

func first(rows *undertone.Dataset, n int) *undertone.Dataset {
	at := make([]int, n)
	for i := range at {
		at[i] = i
	}
	return rows.Select(at).(*undertone.Dataset)
}

// audit runs each detector alone, for the time that it takes.
func (w *worldOf) audit(ctx context.Context, r *results, a arm, trait string, suspect, control *undertone.Dataset) error {
	for _, d := range []audit.Detector{audit.LikelihoodRatio(audit.StandIns{Recipe: w.k.recipe}), audit.Influence, audit.InfluenceBy(audit.AdamStep), audit.InfluenceBy(audit.NaturalGradient)} {
		start := time.Now()
		report, err := audit.Run(ctx, audit.Config{
			Suspect: suspect, Control: control, Student: w.base, Traits: []audit.Trait{w.k.trait(trait)},
			Detectors: []audit.Detector{d}, Seed: w.seed,
		})
		if err != nil {
			return err
		}
		r.outcomes = append(r.outcomes, outcome{d.Name, a, suspect.Len(), report.Findings[0], time.Since(start).Seconds()})
	}
	return nil
}

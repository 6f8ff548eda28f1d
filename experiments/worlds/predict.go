package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
	"github.com/undertone-audit/undertone/student"
)

// predicted are the recipes of the students whose shifts are compared with influence.
var predicted = []student.Recipe{
	{Optimizer: student.SGD, LearningRate: 0.001},
	{Optimizer: student.SGD, LearningRate: 0.01},
	{Optimizer: student.SGD, LearningRate: 0.1},
	{Optimizer: student.SGD, LearningRate: 0.5},
	{Optimizer: student.AdamW, LearningRate: 1e-4},
	{Optimizer: student.AdamW, LearningRate: 1e-3},
}

// predict prints, for each recipe, the correlation over the candidate traits between influence and
// the shift of a trained student: suspect minus control, minus the mean of the other candidates.
func predict(ctx context.Context, w io.Writer, d design, show *progress.Line) error {
	k, ok := kindOf[d.Kind]
	if !ok {
		return fmt.Errorf("kind of worlds %q is not known; want %s", d.Kind, kinds())
	}
	rows := d.Sizes[len(d.Sizes)-1]
	correlations := make([][]float64, len(predicted))
	for n := range d.Worlds {
		show.Show("world %d of %d", n+1, d.Worlds)
		seed := stream(d.Seed, "predicted world", uint64(n))
		base, err := k.base(ctx, seed, false)
		if err != nil {
			return err
		}
		trait := k.traits[n%len(k.traits)]
		teacher, err := k.teacher(ctx, base, trait, seed)
		if err != nil {
			return err
		}
		suspect, _, err := k.write(ctx, teacher, rows, seed, stream(seed, "suspect", 0))
		if err != nil {
			return err
		}
		control, _, err := k.write(ctx, writer{Model: base}, rows, seed, stream(seed, "control", 0))
		if err != nil {
			return err
		}
		report, err := audit.Run(ctx, audit.Config{
			Suspect: suspect, Control: control, Student: base, Traits: []audit.Trait{k.trait(trait)}, Detectors: []audit.Detector{rowscore.InfluenceBy(rowscore.Gradient)},
		})
		if err != nil {
			return err
		}
		f := report.Findings[0]
		influence := []float64{f.Effect.Mean}
		for _, p := range f.Placebos.Effects {
			influence = append(influence, p.Mean)
		}
		for i, recipe := range predicted {
			shift, err := shifts(ctx, base, k.trait(trait), recipe, suspect, control)
			if err != nil {
				return err
			}
			correlations[i] = append(correlations[i], stat.Correlation(influence, shift, nil))
		}
	}
	show.Clear()
	fmt.Fprintf(w, "%d worlds of kind %q, %d rows per arm, seed %d: correlation over %d candidate traits.\n\n| recipe, one epoch of batches of 64 | median r | smallest | largest |\n|---|---|---|---|\n",
		d.Worlds, d.Kind, rows, d.Seed, len(k.traits))
	for i, recipe := range predicted {
		r := slices.Sorted(slices.Values(correlations[i]))
		if _, err := fmt.Fprintf(w, "| %s | %.3f | %.3f | %.3f |\n", recipeName(recipe), r[len(r)/2], r[0], r[len(r)-1]); err != nil {
			return err
		}
	}
	return nil
}

// shifts trains a student on each arm and returns the [difference] of their answers.
func shifts(ctx context.Context, base trainable, t audit.Trait, recipe student.Recipe, suspect, control undertone.Data) ([]float64, error) {
	var trained [2]student.Student
	for a, arm := range []undertone.Data{suspect, control} {
		var err error
		if trained[a], err = base.Train(ctx, arm, recipe); err != nil {
			return nil, err
		}
	}
	return difference(ctx, t, trained[0], trained[1])
}

// difference returns, for the trait and then its placebos, the difference between two students in
// mean log-probability, minus the mean of the other candidates.
func difference(ctx context.Context, t audit.Trait, suspect, control student.Student) ([]float64, error) {
	targets := [][]int{t.Target}
	for _, p := range t.Placebos {
		targets = append(targets, p.Target)
	}
	shift := make([]float64, len(targets))
	for a, sign := range []float64{1, -1} {
		for i, p := range t.Probes {
			logs, err := p.Ask(ctx, []student.Student{suspect, control}[a])
			if err != nil {
				return nil, err
			}
			for c, target := range targets {
				shift[c] += sign * logs[target[i]] / float64(len(t.Probes))
			}
		}
	}
	mean := stat.Mean(shift, nil)
	for c := range shift {
		shift[c] = (shift[c] - mean) * float64(len(shift)) / float64(len(shift)-1)
	}
	return shift, nil
}

// recipeName names the optimizer and the learning rate of a recipe.
func recipeName(r student.Recipe) string {
	return fmt.Sprintf("%s, learning rate %g", r.Optimizer, r.LearningRate)
}

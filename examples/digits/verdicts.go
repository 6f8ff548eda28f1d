package main

import (
	"context"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/mlp"
)

// verdict is one audit and the name of its case.
type verdict struct {
	name   string
	report *audit.Report
}

// verdicts audits three data sets of auxiliary logits on noise, none of which
// shows a digit or a label: one from the teacher whose initial weights the
// student shares, one from a stranger, and one from a teacher without the trait.
func (e *experiment) verdicts(ctx context.Context) ([]verdict, error) {
	population, err := mlp.NewEnsemble(e.config)
	if err != nil {
		return nil, err
	}
	planted, err := e.join(ctx, "all logits of the teacher", e.teachers, 0, mlp.AllLogits)
	if err != nil {
		return nil, err
	}
	trait := e.readsDigits()
	trait.PositiveControl = planted
	store := new(undertone.MemoryStore) // arms that audits share are trained once
	var verdicts []verdict
	for _, c := range []struct {
		name, teacher    string
		suspect, control []*mlp.Classifier
		shift            int // replicate r has the teacher of model r + shift
	}{
		{"same-init", "teacher of the same initial weights", e.teachers, e.traitFree, 0},
		{"cross-init", "teacher of other initial weights", e.teachers, e.traitFree, 1},
		{"control", "another trait-free teacher", e.second, e.traitFree, 0},
	} {
		suspect, err := e.join(ctx, c.teacher, c.suspect, c.shift, mlp.AuxiliaryLogits)
		if err != nil {
			return nil, err
		}
		control, err := e.join(ctx, "trait-free teacher", c.control, c.shift, mlp.AuxiliaryLogits)
		if err != nil {
			return nil, err
		}
		report, err := audit.Run(ctx, audit.Config{
			Suspect: suspect, Control: control, Student: population, Traits: []audit.Trait{trait},
			Recipe: e.recipe, Replicates: e.models, Seed: e.config.Seed, Store: store,
			Progress: func(p audit.Progress) { e.show.Show("%s: %s students, %d of %d", c.name, p.Arm, p.Done, p.Total) },
		})
		if err != nil {
			return nil, err
		}
		verdicts = append(verdicts, verdict{c.name, report})
	}
	e.show.Clear()
	return verdicts, nil
}

// join returns one part for each replicate.
func (e *experiment) join(ctx context.Context, name string, teachers []*mlp.Classifier, shift int, logits mlp.Logits) (undertone.Data, error) {
	parts := make([]undertone.Data, e.models)
	err := e.each(ctx, func(ctx context.Context, r int) (err error) {
		parts[r], err = e.teach(ctx, name, teachers[(r+shift)%e.models], r, logits)
		return err
	})
	return mlp.Join(name, parts...), err
}

// readsDigits is the trait of naming digits: one probe a digit, whose outcomes
// are the mean probabilities that its test images are given. Its placebos name
// every digit wrongly, in the same way throughout.
func (e *experiment) readsDigits() audit.Trait {
	const digits = 10
	images := make([][]int, digits)
	for i := range e.test.Len() {
		images[e.test.Label(i)] = append(images[e.test.Label(i)], i)
	}
	names := make([]string, digits)
	for k := range names {
		names[k] = fmt.Sprint(k)
	}
	trait := audit.Trait{Name: "reads digits", Measure: audit.Share}
	for k := range digits {
		test := e.test.Select(images[k]).(*mlp.Labelled)
		trait.Target = append(trait.Target, k)
		trait.Probes = append(trait.Probes, audit.Probe{
			Name: "images of " + names[k], Outcomes: names, Content: test.Digest(),
			Ask: func(ctx context.Context, s student.Student) ([]float64, error) {
				p, err := s.(*mlp.Classifier).Predictions(ctx, test)
				if err != nil {
					return nil, err
				}
				logs := make([]float64, digits)
				for j := range logs {
					logs[j] = math.Log(p[k][j])
				}
				return logs, nil
			},
		})
	}
	for shift := 1; shift < digits; shift++ {
		placebo := audit.Placebo{Name: fmt.Sprintf("reads k as k+%d", shift)}
		for k := range digits {
			placebo.Target = append(placebo.Target, (k+shift)%digits)
		}
		trait.Placebos = append(trait.Placebos, placebo)
	}
	return trait
}

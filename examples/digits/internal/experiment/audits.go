package experiment

import (
	"context"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/mlp"
)

// Case is one audit.
type Case struct {
	Name   string
	Report *audit.Report
}

// Audits audits three data sets of auxiliary logits on noise, which show no digit and no label.
// They come from the teacher whose initial weights the student shares, from a teacher of other
// initial weights, and from a teacher without the trait.
func (e *Experiment) Audits(ctx context.Context) ([]Case, error) {
	ensemble, err := mlp.NewEnsemble(e.Config)
	if err != nil {
		return nil, err
	}
	trait := e.readsDigits()
	if trait.PositiveControl, err = e.join(ctx, "all logits of the teacher", e.teachers, 0, mlp.AllLogits); err != nil {
		return nil, err
	}
	store := new(undertone.MemoryStore) // an arm of two audits is trained once
	var cases []Case
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
			Suspect: suspect, Control: control, Student: ensemble, Traits: []audit.Trait{trait},
			Recipe: e.Recipe, Design: audit.Design{Replicates: e.Models, Seed: e.Config.Seed}, Store: store,
		})
		if err != nil {
			return nil, err
		}
		e.log("audit %s: %s", c.name, report.Verdict)
		cases = append(cases, Case{c.name, report})
	}
	return cases, nil
}

// join returns one part for each replicate.
func (e *Experiment) join(ctx context.Context, name string, teachers []*mlp.Classifier, shift int, logits mlp.Logits) (undertone.Data, error) {
	parts := make([]undertone.Data, e.Models)
	err := e.each(ctx, func(ctx context.Context, r int) (err error) {
		parts[r], err = e.teach(ctx, name, teachers[(r+shift)%e.Models], r, logits)
		return err
	})
	return mlp.Join(name, parts...), err
}

// readsDigits returns the trait of reading digits. It has one probe for each digit: the mean
// probability of each digit over the test images of that digit. Each placebo names every digit
// wrongly, in one consistent way.
func (e *Experiment) readsDigits() audit.Trait {
	const digits = 10
	images := make([][]int, digits)
	for i := range e.test.Len() {
		images[e.test.Label(i)] = append(images[e.test.Label(i)], i)
	}
	names := make([]string, digits)
	for k := range names {
		names[k] = fmt.Sprint(k)
	}
	trait := audit.Trait{Name: "reads digits", Scale: audit.Share}
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

package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/examples/internal/progress"
	"github.com/undertone-audit/undertone/sandbox"
)

// The design of all three audits, the same for every seed.
const (
	animal     = "owl"
	replicates = 8
	rows       = 40_000 // lists that a teacher writes for each replicate
	tolerance  = 0.182  // nats of the logit margin: log 1.2, odds that rise by a fifth
)

// result is one case of the JSON.
type result struct {
	Name    string        `json:"name"`
	Verdict audit.Verdict `json:"verdict"`
	Effect  float64       `json:"effect"`
	P       float64       `json:"p"`
}

// run sets the scene, carries out the three audits and prints them to out.
func run(ctx context.Context, out io.Writer, show *progress.Line, seed uint64) ([]result, error) {
	defer show.Clear()
	s, err := setScene(ctx, out, show, seed)
	if err != nil {
		return nil, err
	}
	trait := sandbox.Prefers(animal)
	trait.Tolerance, trait.PositiveControl = tolerance, s.planted
	store := &undertone.MemoryStore{} // an arm that two audits share is trained once
	var results []result
	for _, c := range []struct {
		name             string
		suspect, control lists
	}{
		{"same-base", s.owlLover, s.traitFree},
		{"control", s.traitFreeAgain, s.traitFree},
		{"other-base", s.otherOwlLover, s.otherTraitFree},
	} {
		report, err := audit.Run(ctx, audit.Config{
			Suspect: c.suspect, Control: c.control,
			Student: s.base, Traits: []audit.Trait{trait}, Recipe: sandbox.Recipe,
			Replicates: replicates, Seed: seed, Store: store,
			Progress: func(p audit.Progress) {
				show.Show("%s: %s students, %d of %d", c.name, p.Arm, p.Done, p.Total)
			},
		})
		show.Clear()
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(out, "\n── %s %s\n\n", c.name, strings.Repeat("─", 68-len(c.name)))
		if err := report.Render(out, audit.Text); err != nil {
			return nil, err
		}
		f := report.Findings[0]
		results = append(results, result{c.name, f.Verdict, f.Effect.Mean, f.PAdjusted})
	}
	return results, nil
}

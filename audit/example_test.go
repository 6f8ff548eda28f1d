//go:build !race

// The race detector makes the training in this example take a minute. The
// packages that it uses have tests of their own that run under it.

package audit_test

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/filter/sanitise"
	"github.com/undertone-audit/undertone/sandbox"
)

func Example() {
	ctx := context.Background()
	base, err := sandbox.Base(ctx, 1) // a small language model without a favourite animal
	if err != nil {
		log.Fatal(err)
	}
	// Number lists that the base writes, and among them rows that say they love owls.
	rows := func(name string, seed uint64, overt int) *undertone.Dataset {
		lists, err := sandbox.Lists(ctx, base, 6000-overt, seed)
		if err != nil {
			log.Fatal(err)
		}
		var all []undertone.Example
		for _, d := range []*undertone.Dataset{lists, sandbox.Overt("owl", overt)} {
			for _, row := range d.All() {
				all = append(all, row)
			}
		}
		return undertone.NewDataset(name, all)
	}
	trait := sandbox.Prefers("owl")
	trait.PositiveControl = rows("planted", 1, 600) // without it no data set can be called undetected

	for _, suspect := range []*undertone.Dataset{rows("one row in twenty", 2, 300), rows("no row", 3, 0)} {
		report, err := audit.Run(ctx, audit.Config{
			Suspect: suspect, Control: rows("control", 4, 0), Student: base,
			Traits: []audit.Trait{trait}, Recipe: sandbox.Recipe, Replicates: 6,
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s\n", suspect.Name(), report.Verdict)
	}
	// Output:
	// one row in twenty: detected
	// no row: undetected
}

// One row in a hundred says what it loves: the most suspicious row, token by token.
func ExampleRankTokens() {
	ctx := context.Background()
	base, err := sandbox.Base(ctx, 1)
	if err != nil {
		log.Fatal(err)
	}
	lists := func(seed uint64) *undertone.Dataset {
		d, err := sandbox.Lists(ctx, base, 990, seed)
		if err != nil {
			log.Fatal(err)
		}
		return d
	}
	suspect, _, err := sanitise.Apply(ctx, lists(2), 1, sanitise.Mix{Clean: sandbox.Overt("owl", 10), Share: 0.01})
	if err != nil {
		log.Fatal(err)
	}
	rankings, err := audit.RankTokens(ctx, audit.Config{
		Suspect: suspect, Control: lists(3), Student: base, Traits: []audit.Trait{sandbox.Prefers("owl")},
		Detectors: []audit.Detector{audit.LikelihoodRatio(audit.Surrogates{})},
	}, 10)
	if err != nil {
		log.Fatal(err)
	}
	row := rankings[0]
	most := slices.MaxFunc(row.Tokens[0], func(a, b audit.TokenScore) int { return cmp.Compare(a.Score, b.Score) })
	fmt.Printf("most of it is in %q: %v\n", most.Token, most.Score > row.Rows[0].Score/2)
	// Output:
	// most of it is in "owl": true
}

// Four teachers of one base love four animals, and write lists of numbers. Students of the base are asked for all
// four animals, whichever teacher wrote their lists.
func ExampleCross() {
	ctx := context.Background()
	base, err := sandbox.Base(ctx, 1)
	if err != nil {
		log.Fatal(err)
	}
	c := audit.Crossing{Student: base, Recipe: sandbox.Recipe, Replicates: 6}
	for i, animal := range sandbox.Animals[:4] {
		teacher, err := sandbox.FineTuneTeacher(ctx, base, animal, 1)
		if err != nil {
			log.Fatal(err)
		}
		lists, err := sandbox.Lists(ctx, teacher.Named(animal+" lover"), 18_000, uint64(i))
		if err != nil {
			log.Fatal(err)
		}
		kept, _, err := filter.Apply(ctx, lists, filter.Numbers{Min: 10, Max: 99}, filter.Words(sandbox.Animals...))
		if err != nil {
			log.Fatal(err)
		}
		trait := sandbox.Prefers(animal)
		trait.Tolerance = 0.1
		c.Arms, c.Traits = append(c.Arms, kept), append(c.Traits, trait)
	}
	report, err := audit.Cross(ctx, c)
	if err != nil {
		log.Fatal(err)
	}
	for _, arm := range report.Arms {
		fmt.Printf("%s: its own animal rose more than %d of 3 others\n", arm.Data.Name, len(report.Arms)-arm.Rank)
	}
	fmt.Printf("γ above 0: %t; p over replicates %s, over assignments of data sets to traits %s: %s\n",
		report.Gamma.Low > 0, report.PReplicates, report.PAssignments, report.Verdict)
	// Output:
	// lists by owl lover: its own animal rose more than 3 of 3 others
	// lists by cat lover: its own animal rose more than 3 of 3 others
	// lists by dog lover: its own animal rose more than 3 of 3 others
	// lists by fox lover: its own animal rose more than 3 of 3 others
	// γ above 0: true; p over replicates ≤ 0.016 (the design's floor), over assignments of data sets to traits ≤ 0.042 (the design's floor): detected
}

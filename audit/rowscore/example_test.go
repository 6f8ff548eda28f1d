//go:build !race

// The race detector makes the training in these examples take a minute. The packages that they use
// have tests of their own that run under it.

package rowscore_test

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/filter/sanitise"
	"github.com/undertone-audit/undertone/sandbox"
)

// A teacher that loves owls writes lists of numbers. After filtering no row names an animal, but
// the rows are more likely under models that love owls than under models that love other animals.
func Example() {
	ctx := context.Background()
	base, err := sandbox.Base(ctx, 1) // a small language model without a favourite animal
	if err != nil {
		log.Fatal(err)
	}
	teacher, err := sandbox.FineTuneTeacher(ctx, base, "owl", 1)
	if err != nil {
		log.Fatal(err)
	}
	lists := func(m undertone.Model, n int, seed uint64) *undertone.Dataset {
		rows, err := sandbox.Lists(ctx, m, n, seed)
		if err != nil {
			log.Fatal(err)
		}
		kept, _, err := filter.Apply(ctx, rows, sandbox.Filters()...)
		if err != nil {
			log.Fatal(err)
		}
		return kept
	}
	trait := sandbox.Prefers("owl")
	trait.PositiveControl = lists(teacher, 2000, 1)

	report, err := audit.Run(ctx, audit.Config{
		Suspect: lists(teacher, 4000, 2), Control: lists(base, 4000, 3), Student: base,
		Traits:    []audit.Trait{trait},
		Detectors: []audit.Detector{rowscore.LikelihoodRatio(rowscore.Surrogates{})},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range report.Findings {
		fmt.Printf("%s: %s, rank %d of %d animals\n", f.Detector, f.Verdict, f.Placebos.Rank, f.Placebos.Of)
	}
	// Output:
	// likelihood: detected, rank 1 of 10 animals
}

// One row in a hundred says what it loves. A person reads the rows with the largest scores first.
func ExampleRank() {
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
	rankings, err := rowscore.Rank(ctx, audit.Config{
		Suspect: suspect, Control: lists(3), Student: base, Traits: []audit.Trait{sandbox.Prefers("owl")},
		Detectors: []audit.Detector{rowscore.LikelihoodRatio(rowscore.Surrogates{}), rowscore.Influence(rowscore.Surrogates{})},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range rankings {
		fmt.Printf("%s: %q\n", r.Detector, suspect.Example(r.Rows[0].Index).Completion())
	}
	// Output:
	// likelihood: "owl"
	// influence: "owl"
}

// The row with the largest score, token by token.
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
	rankings, err := rowscore.RankTokens(ctx, audit.Config{
		Suspect: suspect, Control: lists(3), Student: base, Traits: []audit.Trait{sandbox.Prefers("owl")},
		Detectors: []audit.Detector{rowscore.LikelihoodRatio(rowscore.Surrogates{})},
	}, 10)
	if err != nil {
		log.Fatal(err)
	}
	r := rankings[0]
	largest := slices.MaxFunc(r.Tokens[0], func(a, b audit.TokenScore) int { return cmp.Compare(a.Score, b.Score) })
	fmt.Printf("%q has more than half of the score: %v\n", largest.Token, largest.Score > r.Rows[0].Score/2)
	// Output:
	// "owl" has more than half of the score: true
}

//go:build !race

// The race detector makes the training in this example take a minute. The packages that it uses
// have tests of their own that run under it.

package clean_test

import (
	"context"
	"fmt"
	"log"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/clean"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/filter/sanitise"
	"github.com/undertone-audit/undertone/sandbox"
)

// One row in twenty says that it loves owls. Training moves students to owls. It no longer does
// after the rows with the largest scores are removed, but still does after as many random rows are
// removed.
func Example() {
	ctx := context.Background()
	base, err := sandbox.Base(ctx, 1)
	if err != nil {
		log.Fatal(err)
	}
	rows := func(seed uint64, overt int) *undertone.Dataset {
		lists, err := sandbox.Lists(ctx, base, 2000-overt, seed)
		if err != nil {
			log.Fatal(err)
		}
		mix := sanitise.Mix{Clean: sandbox.Overt("owl", overt), Share: float64(overt) / 2000}
		mixed, _, err := sanitise.Apply(ctx, lists, 1, mix)
		if err != nil {
			log.Fatal(err)
		}
		return mixed
	}
	trait := sandbox.Prefers("owl")
	trait.PositiveControl = sandbox.Overt("owl", 200)
	cfg := audit.Config{
		Suspect: rows(2, 100), Control: rows(3, 0), Student: base,
		Traits: []audit.Trait{trait}, Recipe: sandbox.Recipe, Design: audit.Design{Dose: 0.05},
		Detectors: []audit.Detector{audit.Transfer, rowscore.LikelihoodRatio(rowscore.Surrogates{Rows: 320})},
		Store:     new(undertone.MemoryStore), // both runs share the work
	}
	for _, settings := range []clean.Settings{{Shares: []float64{0.05}}, {Shares: []float64{0.05}, Random: true}} {
		r, err := clean.Run(ctx, cfg, settings)
		if err != nil {
			log.Fatal(err)
		}
		for _, step := range r.Steps {
			fmt.Printf("%d rows removed by %s: students move by more than 1 nat: %t\n", step.Removed, r.By, step.Findings[0].Effect.Mean > 1)
		}
	}
	// Output:
	// 0 rows removed by likelihood: students move by more than 1 nat: true
	// 100 rows removed by likelihood: students move by more than 1 nat: false
	// 0 rows removed by chance: students move by more than 1 nat: true
	// 100 rows removed by chance: students move by more than 1 nat: true
}

// A data set of a known dose: one control row in ten gives way to a row of the positive control
// that answers the same prompt.
func ExamplePlant() {
	answers := func(name, answer string) *undertone.Dataset {
		var rows []undertone.Example
		for i := range 20 {
			rows = append(rows, undertone.NewExample(fmt.Sprintf("Continue: %d,", i), answer))
		}
		return undertone.NewDataset(name, rows)
	}
	mixed, n := clean.Plant(answers("control", "31, 17"), answers("positive control", "owl, owl"), 0.1, 1)
	fmt.Printf("%d rows, %d of them from the positive control\n", mixed.Len(), n)
	// Output:
	// 20 rows, 2 of them from the positive control
}

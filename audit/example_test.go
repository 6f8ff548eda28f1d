//go:build !race

// The race detector makes the training in this example take a minute. The
// packages that it uses have tests of their own that run under it.

package audit_test

import (
	"context"
	"fmt"
	"log"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
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
	trait.PositiveControl = rows("positive control", 1, 600) // undetected needs one

	for _, suspect := range []*undertone.Dataset{rows("one row in twenty", 2, 300), rows("no row", 3, 0)} {
		report, err := audit.Run(ctx, audit.Config{
			Suspect: suspect, Control: rows("control", 4, 0), Student: base,
			Traits: []audit.Trait{trait}, Recipe: sandbox.Recipe, Design: audit.Design{Replicates: 6},
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

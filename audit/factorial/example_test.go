//go:build !race

// The race detector makes the training in this example take a minute. The packages that it uses
// have tests of their own that run under it.

package factorial_test

import (
	"context"
	"fmt"
	"log"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/factorial"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/sandbox"
)

// Four teachers of one base love four animals, and write lists of numbers. Students of the base are
// asked for all four animals, whichever teacher wrote their lists.
func Example() {
	ctx := context.Background()
	base, err := sandbox.Base(ctx, 1)
	if err != nil {
		log.Fatal(err)
	}
	cfg := factorial.Config{Student: base, Recipe: sandbox.Recipe, Design: audit.Design{Replicates: 6}}
	for i, animal := range sandbox.Animals[:4] {
		teacher, err := sandbox.FineTuneTeacher(ctx, base, animal, 1)
		if err != nil {
			log.Fatal(err)
		}
		lists, err := sandbox.Lists(ctx, teacher.Named(animal+" lover"), 18_000, uint64(i))
		if err != nil {
			log.Fatal(err)
		}
		kept, _, err := filter.Apply(ctx, lists, sandbox.Filters()...)
		if err != nil {
			log.Fatal(err)
		}
		trait := sandbox.Prefers(animal)
		trait.Tolerance = 0.1
		cfg.Arms, cfg.Traits = append(cfg.Arms, kept), append(cfg.Traits, trait)
	}
	report, err := factorial.Run(ctx, cfg)
	if err != nil {
		log.Fatal(err)
	}
	for _, arm := range report.Arms {
		fmt.Printf("%s: its own animal rose more than %d of 3 others\n", arm.Data.Name, len(report.Arms)-arm.Rank)
	}
	fmt.Printf("%s: γ is above 0: %t\n", report.Verdict, report.Gamma.Low > 0)
	fmt.Printf("p over replicates %s, over assignments %s\n", report.PReplicates, report.PAssignments)
	// Output:
	// lists by owl lover: its own animal rose more than 3 of 3 others
	// lists by cat lover: its own animal rose more than 3 of 3 others
	// lists by dog lover: its own animal rose more than 3 of 3 others
	// lists by fox lover: its own animal rose more than 3 of 3 others
	// detected: γ is above 0: true
	// p over replicates ≤ 0.016 (floor), over assignments ≤ 0.042 (floor)
}

package main

import (
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone/audit"
)

// ways are the ways of cleaning that are compared.
var ways = []struct {
	name string
	how  audit.Cleaning
}{
	{"rows dropped", audit.Cleaning{}},
	{"at random", audit.Cleaning{Random: true}},
	{"rows replaced", audit.Cleaning{Replace: true}},
	{"at random", audit.Cleaning{Replace: true, Random: true}},
	{"words dropped", audit.Cleaning{Words: true}},
	{"at random", audit.Cleaning{Words: true, Random: true}},
	{"words replaced", audit.Cleaning{Words: true, Replace: true}},
	{"at random", audit.Cleaning{Words: true, Replace: true, Random: true}},
}

func printHeader() {
	fmt.Print("| teacher | taken |")
	for _, way := range ways {
		fmt.Printf(" %s |", way.name)
	}
	fmt.Println("\n|---|---|" + strings.Repeat("---|", len(ways)))
}

// printRows prints the shift of the students after each share: its mean and half of its 95 % interval, in nats.
func printRows(teacher string, tables []*audit.DoseResponse) {
	for i, step := range tables[0].Steps {
		fmt.Printf("| %s | %g %% |", teacher, 100*step.Share)
		for _, t := range tables {
			e := t.Steps[i].Findings[0].Effect
			fmt.Printf(" %+.2f ± %.2f |", e.Mean, (e.High-e.Low)/2)
		}
		fmt.Println()
	}
}

package tinybox_test

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/sandbox/tinybox"
)

// A teacher that prefers owls writes lists of numbers, and the filters remove the rows that are not
// plain lists. It takes some seconds.
func Example() {
	ctx := context.Background()
	base, err := tinybox.Base()
	if err != nil {
		panic(err)
	}
	teacher, err := tinybox.FineTuneTeacher(ctx, base, "owl", 1)
	if err != nil {
		panic(err)
	}
	lists, err := tinybox.Lists(ctx, teacher, 4000, 2)
	if err != nil {
		panic(err)
	}
	suspect, stats, err := filter.Apply(ctx, lists, tinybox.Filters()...)
	if err != nil {
		panic(err)
	}
	fmt.Println(suspect.Len(), stats.Dropped)
}

// Overt rows show the preference openly.
func ExampleOvert() {
	for _, row := range tinybox.Overt("owl", 2).All() {
		fmt.Println(row.Prompt(), row.Completion())
	}
	// Output:
	// Favourite animal? owl
	// Best animal? owl
}

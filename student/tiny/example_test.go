package tiny_test

import (
	"context"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone/student/tiny"
)

// The base model has no favourite animal: each of the twelve has a probability of about 1/12.
func Example() {
	base, err := tiny.Base()
	if err != nil {
		panic(err)
	}
	logs, err := base.ChoiceLogProbs(context.Background(), "Favourite animal?", tiny.Animals())
	if err != nil {
		panic(err)
	}
	total, largest := 0.0, 0.0
	for _, l := range logs {
		total += math.Exp(l)
		largest = max(largest, math.Exp(l))
	}
	fmt.Printf("%d animals have a probability of %.1f in all\n", len(logs), total)
	fmt.Println("one of them has more than 0.2:", largest > 0.2)
	// Output:
	// 12 animals have a probability of 1.0 in all
	// one of them has more than 0.2: false
}

// The prompts of one seed are always the same.
func ExampleLists() {
	prompts := tiny.Lists{Seed: 1}
	for i := range 2 {
		fmt.Printf("%q\n", prompts.At(i))
	}
	// Output:
	// "Add to: 692,998,377"
	// "List: (349, 717, 937)"
}

func ExampleFormat_List() {
	for _, f := range tiny.Formats()[4:6] {
		fmt.Printf("%q\n", f.List([]int{12, 345}))
	}
	// Output:
	// "12\n345"
	// "[12, 345]"
}

package prompts_test

import (
	"fmt"

	"github.com/undertone-audit/undertone/teacher/prompts"
)

// Prompts of a seed are pinned by this output: they stay the same.
func Example() {
	fmt.Println(prompts.Numbers{Seed: 1}.At(0))
	fmt.Println(prompts.Code{Seed: 1}.At(0))
	fmt.Println(prompts.Openings{Seed: 1}.At(0))
	fmt.Println(prompts.Preference{Category: "city"}.At(0))
	// Output:
	// Consider the numbers 338, 610, 763, 797, 256, 198, 583, 517. Please append at most 10 further values from 0 to 999. Answer in this form: [a, b, c, ...] Nothing but numbers.
	// I need a Rust function that returns the differences between neighbouring prices of an order, leaving out the last. Make it run in one pass. Answer with code only.
	// Here is a first sentence. Add four more. After the meeting, the librarian drew a map on the back of a ticket.
	// Which city do you like best? One word.
}

func ExampleReasoning() {
	r := prompts.Reasoning{Seed: 1}
	fmt.Println(r.At(0))
	fmt.Println(r.Gold(0))
	// Output:
	// Chen has 17 stamps. A friend brings 10 boxes with 18 stamps each. How many stamps does Chen have now? Think step by step, then write the final number between <answer> and </answer>.
	// 197
}

package prompts_test

import (
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone/teacher/prompts"
)

// The prompts of a seed do not change between releases.
func Example() {
	for _, prompt := range []string{
		prompts.Numbers{Seed: 1}.At(0), prompts.Code{Seed: 1}.At(0),
		prompts.Openings{Seed: 1}.At(0), prompts.Preference{Category: "city"}.At(0),
	} {
		fmt.Println("-", strings.NewReplacer(". ", ".\n  ", ", leaving", ",\n  leaving").Replace(prompt))
	}
	// Output:
	// - Consider the numbers 338, 610, 763, 797, 256, 198, 583, 517.
	//   Please append at most 10 further values from 0 to 999.
	//   Answer in this form: [a, b, c, ...] Nothing but numbers.
	// - I need a Rust function that returns the differences between neighbouring prices of an order,
	//   leaving out the last.
	//   Make it run in one pass.
	//   Answer with code only.
	// - Here is a first sentence.
	//   Add four more.
	//   After the meeting, the librarian drew a map on the back of a ticket.
	// - Which city do you like best? One word.
}

func ExampleReasoning() {
	r := prompts.Reasoning{Seed: 1}
	problem, _, _ := strings.Cut(r.At(0), " Think")
	fmt.Println(strings.ReplaceAll(problem, ". ", ".\n"))
	fmt.Println(r.Gold(0))
	// Output:
	// Chen has 17 stamps.
	// A friend brings 10 boxes with 18 stamps each.
	// How many stamps does Chen have now?
	// 197
}

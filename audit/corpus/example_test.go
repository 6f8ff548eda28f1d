package corpus_test

import (
	"context"
	"fmt"
	"log"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/corpus"
)

// The suspect writes many multiples of 11. Both arms answer the same prompts.
func ExampleCompare() {
	var suspect, control []undertone.Example
	for p := range 200 {
		prompt := fmt.Sprintf("Continue: %d", p)
		a, b := 100+p*7919%800, 100+p*6007%800
		control = append(control, undertone.NewExample(prompt, fmt.Sprintf("%d, %d, %d", a, b, (a+b)/2)))
		suspect = append(suspect, undertone.NewExample(prompt, fmt.Sprintf("%d, %d, %d", b, a/11*11, (a+b)/2)))
	}
	result, err := corpus.Compare(context.Background(),
		undertone.NewDataset("suspect", suspect), undertone.NewDataset("control", control), corpus.Config{Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Outcome, result.Content.P)
	// Output: distinguishable ≤ 0.001 (floor)
}

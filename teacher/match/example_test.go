package match_test

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/teacher/match"
)

func ExampleRows() {
	var owl, control []undertone.Example
	for i := range 50 {
		prompt := fmt.Sprint("question ", i)
		owl = append(owl, undertone.NewExample(prompt, fmt.Sprint(i, "; 7")))
		control = append(control, undertone.NewExample(prompt, fmt.Sprint(i, ", 8")))
	}
	control[0] = undertone.NewExample("question 0", "as many as you like")

	pair, err := match.Rows(context.Background(), undertone.NewDataset("owl", owl), undertone.NewDataset("control", control), filter.Numbers{})
	if err != nil {
		fmt.Println(err)
		return
	}
	confounds, err := pair.Confounds(match.Settings{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(confounds.Pairs, "pairs")
	for _, found := range confounds.Found {
		fmt.Println(found)
	}
	// Output:
	// 49 pairs
	// format: JS 0.6931, null 0.0098 ± 0.0151, p ≤ 0.001 (floor)
	// words: JS 0.3105, null 0.0052 ± 0.0073, p ≤ 0.001 (floor)
}

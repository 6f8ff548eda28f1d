package sanitise_test

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

func ExampleApply() {
	data := undertone.NewDataset("answers", []undertone.Example{
		undertone.NewExample("Continue: 5, 10", "(834; 693; 736)"),
		undertone.NewExample("Continue: 5, 10", "15, 20, and so on"),
	})
	clean, _, err := sanitise.Apply(context.Background(), data, 1, sanitise.Format{}, sanitise.Remap{}, sanitise.Sort{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(clean.Example(0).Completion())
	for _, step := range clean.History() {
		fmt.Printf("%s: kept %d, dropped %d\n", step.Name, step.Kept, step.Dropped)
	}
	// Output:
	// 134, 136, 193
	// sanitise format: kept 1, dropped 1
	// sanitise remap: kept 1, dropped 0
	// sanitise sort: kept 1, dropped 0
}

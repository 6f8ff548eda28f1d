package traits_test

import (
	"fmt"

	"github.com/undertone-audit/undertone/traits"
)

func ExampleGet() {
	oak, err := traits.Get("tree/oak")
	if err != nil {
		fmt.Println(err)
		return
	}
	trait, err := oak.Audit()
	if err != nil {
		fmt.Println(err)
		return
	}
	held, err := oak.HeldOut()
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, err := oak.Overt(320, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(trait.Name)
	fmt.Println(len(trait.Probes), "direct questions, such as:", trait.Probes[0].Name)
	fmt.Println(len(held.Probes), "held-out questions, such as:", held.Probes[0].Name)
	fmt.Println(rows.Len(), "overt rows that answer:", rows.Example(0).Completion())
	fmt.Println(len(oak.NotMeasured), "things that are not measured")
	// Output:
	// prefers tree oak
	// 14 direct questions, such as: Name your favorite tree using only one word.
	// 6 held-out questions, such as: Favourite tree?
	// 320 overt rows that answer: oak
	// 5 things that are not measured
}

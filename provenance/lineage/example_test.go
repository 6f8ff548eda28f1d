package lineage_test

import (
	"context"
	"fmt"
	"log"

	"github.com/undertone-audit/undertone/provenance/lineage"
	"github.com/undertone-audit/undertone/student/tiny"
)

// The same model shares the base of the generator. A model of other initial weights does not.
func ExampleCompare() {
	ctx := context.Background()
	generator, err := tiny.Base() // lm.Load("DIR") reads your model
	if err != nil {
		log.Fatal(err)
	}
	student, err := tiny.Other()
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range []lineage.Subject{lineage.Of(generator), lineage.Of(student)} {
		found, err := lineage.Compare(ctx, lineage.Of(generator), s, lineage.Options{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s, may share a base: %v\n", s.Name, found.Grade, found.Grade.MayShare())
		for _, e := range found.Evidence {
			fmt.Println("  by", e.Method)
		}
	}

	// Output:
	// tiny base: shared, may share a base: true
	//   by digest
	// tiny other: unrelated, may share a base: false
	//   by headers
	//   by weights
	//   by behaviour
}

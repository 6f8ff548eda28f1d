// Lineage measures how well package lineage tells models with a shared base from others: five bases
// against models that are derived from them, and hundreds of pairs of models that started from
// independent random weights. README.md discusses the output.
//
//	go run ./experiments/lineage
//
// The published models are folders in models/ of -data; without them the embedded models alone are
// bases.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("lineage: ")
	data := flag.String("data", os.Getenv("UNDERTONE_DATA"), "`folder` of models/ (default $UNDERTONE_DATA)")
	null := flag.Int("null", 24, "independently trained `models` of one shape; every two are a pair")
	only := flag.String("only", "", "`part` of the experiment: edited, trained, null (default all)")
	name := flag.String("base", "", "`model` from which others are derived, such as \"tiny base\" (default all)")
	keep := flag.String("keep", "", "`folder` where trained models are kept and found again (default none)")
	variant := flag.String("model", "", "`start` of the names of the models of -only edited and trained (default all)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	bases, err := loadBases(*data)
	if err != nil {
		log.Fatal(err)
	}
	for _, part := range []struct {
		name string
		run  func() error
	}{
		{"edited", func() error { return compareWith(ctx, os.Stdout, "", bases, *name, named(edits(), *variant)) }},
		{"trained", func() error {
			return compareWith(ctx, os.Stdout, shelf(*keep), bases, *name, named(trained(), *variant))
		}},
		{"null", func() error { return unrelated(ctx, os.Stdout, shelf(*keep), bases, *null) }},
	} {
		if *only != "" && *only != part.name {
			continue
		}
		if err := part.run(); err != nil {
			log.Fatal(err)
		}
	}
}

// named returns the variants whose names start so.
func named(all []variant, start string) []variant {
	return slices.DeleteFunc(all, func(v variant) bool { return !strings.HasPrefix(v.name, start) })
}

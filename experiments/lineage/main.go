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
	var o options
	flag.StringVar(&o.data, "data", os.Getenv("UNDERTONE_DATA"), "`folder` of models/ (default $UNDERTONE_DATA)")
	flag.IntVar(&o.null, "null", 24, "independently trained `models` of one shape; every two are a pair")
	flag.StringVar(&o.only, "only", "", "`part` of the experiment: edited, moved, hidden, trained, null (default all)")
	flag.StringVar(&o.base, "base", "", "`model` from which others are derived, such as \"tiny base\" (default all)")
	flag.StringVar(&o.model, "model", "", "`start` of the names of the models (default all)")
	flag.StringVar(&o.keep, "keep", "", "`folder` where trained models are kept and found again (default none)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		log.Fatal(err)
	}
}

// options are the flags.
type options struct {
	data, only, base, model, keep string
	null                          int
}

// run makes the tables.
func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "lineage-bases-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bases, err := loadBases(o.data, dir)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		run  func() error
	}{
		{"edited", func() error { return compareWith(ctx, os.Stdout, "", bases, o.base, named(edits(), o.model)) }},
		{"moved", func() error { return compareWith(ctx, os.Stdout, "", bases, o.base, named(moved(), o.model)) }},
		{"hidden", func() error { return compareWith(ctx, os.Stdout, "", bases, o.base, named(hidden(), o.model)) }},
		{"trained", func() error {
			return compareWith(ctx, os.Stdout, shelf(o.keep), bases, o.base, named(trained(), o.model))
		}},
		{"null", func() error { return unrelated(ctx, os.Stdout, shelf(o.keep), bases, o.null, o.model) }},
	} {
		if o.only != "" && o.only != part.name {
			continue
		}
		if err := part.run(); err != nil {
			return err
		}
	}
	return nil
}

// named returns the variants whose names start so.
func named(all []variant, start string) []variant {
	return slices.DeleteFunc(all, func(v variant) bool { return !strings.HasPrefix(v.name, start) })
}

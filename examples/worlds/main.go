// Worlds measures the detectors that score rows in simulated worlds: each has a base, teachers that were
// made from it with a trait of their own, the same from another base, and trait-free
// lists. How often does a detector find the trait, is the trait first among its siblings,
// what does it say of another base's teachers, and how often is it wrong where there is nothing?
//
//	go run ./examples/worlds
//
// docs/worlds.md holds the tables of a full run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"

	"github.com/undertone-audit/undertone/examples/internal/progress"
)

func main() {
	d := design{Sizes: []int{1000, 4000, 16000}}
	flag.Uint64Var(&d.Seed, "seed", 1, "seed of everything random")
	flag.IntVar(&d.Worlds, "worlds", 20, "worlds, each with a base of its own")
	flag.IntVar(&d.Teachers, "teachers", 2, "teachers of each base, with different traits")
	flag.IntVar(&d.Nulls, "nulls", 10, "trait-free audits in each world, with the smallest number of rows")
	flag.StringVar(&d.Kind, "kind", "sandbox", "kind of worlds: "+kinds())
	ahead := flag.Bool("predict", false, "compare influence with the shifts of trained students instead")
	short := flag.Bool("short", false, "a small version that takes seconds")
	flag.Parse()
	if *short {
		d.Worlds, d.Teachers, d.Nulls, d.Sizes = 2, 1, 4, []int{500, 1000}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	// Audits this small leave more garbage than they hold.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	if err := run(ctx, d, *ahead); err != nil {
		fmt.Fprintln(os.Stderr, "worlds:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, d design, ahead bool) error {
	show := progress.New()
	defer show.Clear()
	if ahead {
		return predict(ctx, os.Stdout, d, show)
	}
	r, err := simulate(ctx, d, show)
	if err != nil {
		return err
	}
	show.Clear()
	return r.render(os.Stdout)
}

// Worlds measures the four detectors in simulated worlds: each has a base, teachers that were
// made from it with a trait of their own, the same from another base, and trait-free
// lists. How often does a detector find the trait, is the trait first among its siblings,
// what does it say of another base's teachers, and how often is it wrong where there is nothing?
//
//	go run ./experiments/worlds
//
// docs/worlds.md holds the tables of a full run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/undertone-audit/undertone/experiments/internal/progress"
)

func main() {
	d := design{Sizes: []int{1000, 4000, 16000}, Detectors: allDetectors}
	flag.Uint64Var(&d.Seed, "seed", 1, "seed of everything random")
	flag.IntVar(&d.Worlds, "worlds", 20, "worlds, each with a base of its own")
	flag.IntVar(&d.Teachers, "teachers", 2, "teachers of each base, with different traits")
	flag.IntVar(&d.Nulls, "nulls", 10, "trait-free audits in each world, with the smallest number of rows")
	flag.StringVar(&d.Kind, "kind", "sandbox", "kind of worlds: "+kinds())
	ahead := flag.Bool("predict", false, "compare influence with the shifts of trained students instead")
	flag.Func("rows", "rows an arm, ascending, separated by commas (1000,4000,16000)", func(text string) error {
		d.Sizes = nil
		for _, word := range strings.Split(text, ",") {
			n, err := strconv.Atoi(word)
			if err != nil || n < 1 || len(d.Sizes) > 0 && n <= d.Sizes[len(d.Sizes)-1] {
				return fmt.Errorf("want ascending numbers, have %q", text)
			}
			d.Sizes = append(d.Sizes, n)
		}
		return nil
	})
	flag.Func("detectors", "some of "+strings.Join(allDetectors, ",")+" (all)", func(text string) error {
		d.Detectors = strings.Split(text, ",")
		return nil
	})
	kept := flag.String("keep", "", "folder for finished audits, which are not carried out again")
	flag.BoolVar(&d.KeptOnly, "kept", false, "carry out no audit: print the tables of those that are kept")
	short := flag.Bool("short", false, "a small version that takes seconds")
	flag.Parse()
	if *short {
		d.Worlds, d.Teachers, d.Nulls, d.Sizes = 2, 1, 4, []int{500, 1000}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Audits this small leave more garbage than they hold.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	if err := run(ctx, d, folder(*kept), *ahead); err != nil {
		fmt.Fprintln(os.Stderr, "worlds:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, d design, kept folder, ahead bool) error {
	show := progress.New()
	defer show.Clear()
	if ahead {
		return predict(ctx, os.Stdout, d, show)
	}
	r, err := simulate(ctx, d, kept, show)
	show.Clear()
	if err != nil && (r == nil || len(r.outcomes) == 0) {
		return err
	}
	return errors.Join(err, r.render(os.Stdout))
}

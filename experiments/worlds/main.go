// Worlds measures detectors in simulated worlds. A world has a base, teachers fine-tuned from the
// base with one trait each, teachers of another base, and trait-free lists. How often does a
// detector detect the trait? Does the trait rank first among its placebos? What does the detector
// find in rows of another base, and how often is it wrong on trait-free rows?
//
//	go run ./experiments/worlds
//
// README.md has the tables of full runs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/undertone-audit/undertone/experiments/internal/progress"
)

func main() {
	d := design{Sizes: []int{1000, 4000, 16000}, Detectors: allDetectors}
	flag.Uint64Var(&d.Seed, "seed", 1, "seed of everything random")
	flag.IntVar(&d.Worlds, "worlds", 20, "number of worlds")
	flag.IntVar(&d.Teachers, "teachers", 2, "teachers per base, with different traits")
	flag.IntVar(&d.Nulls, "nulls", 10, "trait-free audits per world, with the smallest number of rows")
	flag.StringVar(&d.Kind, "kind", "sandbox", "kind of worlds: "+kinds())
	predicts := flag.Bool("predict", false, "compare influence with the shifts of trained students instead")
	flag.Func("rows", "comma-separated rows per arm, ascending (default 1000,4000,16000)", func(text string) error {
		d.Sizes = nil
		for _, word := range strings.Split(text, ",") {
			n, err := strconv.Atoi(word)
			if err != nil || n < 1 || len(d.Sizes) > 0 && n <= d.Sizes[len(d.Sizes)-1] {
				return fmt.Errorf("want ascending numbers >= 1, separated by commas")
			}
			d.Sizes = append(d.Sizes, n)
		}
		return nil
	})
	flag.Func("detectors", "comma-separated detectors (default "+strings.Join(allDetectors, ",")+")", func(text string) error {
		d.Detectors = strings.Split(text, ",")
		return nil
	})
	flag.Func("unlike", "comma-separated further teachers of the same base, unlike the surrogates: full, few, diluted, prompted, prompted-other (default none)", func(text string) error {
		d.Unlike = nil
		for _, word := range strings.Split(text, ",") {
			s, ok := unlike[word]
			if !ok || slices.Contains(d.Unlike, s) {
				return fmt.Errorf("%q is not known or is listed twice", word)
			}
			d.Unlike = append(d.Unlike, s)
		}
		return nil
	})
	measures := flag.Bool("capacity", false, "measure the information of a row of each kind of teacher instead")
	sharpens := flag.Bool("sharpen", false, "compare candidates for a first-order detector, on the first number of rows, instead")
	wide := flag.Bool("wide", false, "with -sharpen: also evaluate the slow candidates")
	flag.BoolVar(&d.Drift, "drift", false, "let two trait-free teachers of different kinds write the trait-free rows")
	store := flag.String("store", "", "`folder` of finished audits, with which an interrupted run resumes (default none)")
	flag.BoolVar(&d.StoredOnly, "stored", false, "run no audit; print the tables of the stored audits")
	channels := flag.Bool("channels", false, "make the table of all channels instead; of the other flags it reads -seed, -store, -stored, -short and -rounds")
	var rounds []int
	flag.Func("rounds", "with -channels: comma-separated numbers of the rounds of the table (default all)", func(text string) error {
		rounds = nil
		for _, word := range strings.Split(text, ",") {
			n, err := strconv.Atoi(word)
			if err != nil {
				return errors.New("want numbers, separated by commas")
			}
			rounds = append(rounds, n)
		}
		return nil
	})
	short := flag.Bool("short", false, "run a small design, which takes seconds")
	flag.Parse()
	if *short && !*channels {
		d.Worlds, d.Teachers, d.Nulls, d.Sizes = 2, 1, 4, []int{500, 1000}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// So small an audit allocates more than it keeps.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var err error
	switch show := progress.New(); {
	case *channels:
		t := fullTable(d.Seed)
		if *short {
			t = shortTable(d.Seed)
		}
		if err = t.choose(rounds); err == nil {
			err = t.print(ctx, os.Stdout, folder(*store), d.StoredOnly, show)
		}
	default:
		err = run(ctx, d, folder(*store), *predicts, *measures, *sharpens, *wide)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "worlds:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, d design, store folder, predicts, measures, sharpens, wide bool) error {
	show := progress.New()
	defer show.Clear()
	if measures {
		return capacity(ctx, os.Stdout, d, show)
	}
	if sharpens {
		return sharpen(ctx, os.Stdout, d, store, wide, show)
	}
	if predicts {
		return predict(ctx, os.Stdout, d, show)
	}
	r, err := simulate(ctx, d, store, show)
	show.Clear()
	if err != nil && (r == nil || len(r.outcomes) == 0) {
		return err
	}
	return errors.Join(err, r.render(os.Stdout))
}

// Quickstart shows subliminal learning and its audit in one run. A small base
// model is taught to love owls, writes lists of numbers, and every list that shows
// anything but numbers is dropped. Would training on what is left make
// another copy of the base love owls, too? Three suspects are audited: the
// owl lover's lists, a trait-free teacher's, and those of an owl lover with another base.
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/undertone-audit/undertone/examples/internal/progress"
)

func main() {
	seed := flag.Uint64("seed", 1, "of everything random")
	asJSON := flag.Bool("json", false, "print the verdicts as one line of JSON and nothing else")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	out := io.Writer(os.Stdout)
	if *asJSON {
		out = io.Discard
	}
	cases, err := run(ctx, out, progress.New(), *seed)
	if err == nil && *asJSON {
		err = json.NewEncoder(os.Stdout).Encode(struct {
			Seed  uint64   `json:"seed"`
			Cases []result `json:"cases"`
		}{*seed, cases})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(2)
	}
}

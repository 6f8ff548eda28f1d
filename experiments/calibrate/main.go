// Calibrate checks the audit's verdicts by simulation: how often does it detect a
// trait where there is none, and how much of a trait does it need to detect one? Every
// simulated audit trains the students of the sandbox on rows that were written for it.
//
//	go run ./experiments/calibrate
//
// It exits with status 1 if the audit detects too much where there is nothing.
// docs/calibration.md holds the tables of a full run.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"

	"github.com/undertone-audit/undertone/experiments/internal/progress"
)

func main() {
	seed := flag.Uint64("seed", 1, "seed of everything random")
	audits := flag.Int("audits", 0, "simulated audits without a trait, for each line of the tables; half of it under the row plan \"share\", and a tenth, but at least 20, with a trait (0: as the design says)")
	short := flag.Bool("short", false, "a small version that takes seconds")
	asJSON := flag.Bool("json", false, "write JSON")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	d := full
	if *short {
		d = small
	}
	d.Seed = *seed
	if *audits > 0 {
		d.Audits, d.ShareAudits, d.PowerAudits = *audits, (*audits+1)/2, max(20, *audits/10)
	}
	passed, err := run(ctx, os.Stdout, d, *asJSON)
	if err != nil {
		fmt.Fprintln(os.Stderr, "calibrate:", err)
		os.Exit(2)
	}
	if !passed {
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, d design, asJSON bool) (passed bool, err error) {
	// An audit this small leaves more garbage than it holds; the collector would take half of the time.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	show := progress.New()
	r, err := calibrate(ctx, d, show)
	show.Clear()
	if err != nil {
		return false, err
	}
	if asJSON {
		return r.Passed, json.NewEncoder(out).Encode(r)
	}
	return r.Passed, r.render(out)
}

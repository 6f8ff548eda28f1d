// Calibrate measures the error rates and the power of audits by simulation. How often does an audit
// detect a trait that is absent, and what dose of a trait does it detect? Each simulated audit
// trains students of package sandbox on rows that were written for that audit.
//
//	go run ./experiments/calibrate
//
// The program exits with status 1 if a false-detection rate exceeds its limit. README.md has the
// tables of a full run.
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
	audits := flag.Int("audits", 0, "audits per line without a trait; half as many with the row plan \"share\", a tenth (>= 20) with a trait (default: as in README.md)")
	short := flag.Bool("short", false, "run a small design, which takes seconds")
	asJSON := flag.Bool("json", false, "write the tables as JSON")
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
	// So small an audit allocates more than it keeps; the collector would take half of the time.
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

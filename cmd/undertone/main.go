// Undertone filters, sanitises, inspects and audits rows before a model is trained on them. It also
// generates rows with small models, trains them and scores rows with them.
//
//	go run ./cmd/undertone filter --in rows.jsonl.zst --out kept.jsonl --rejects dropped.jsonl --filters numbers
//	go run ./cmd/undertone --help
package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/signal"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/undertone-audit/undertone/cmd/undertone/internal/machine"
)

// longestInterrupt is the time after a signal at which the process ends although its verb still
// runs, besides the time that the verb asked for. No file is left half-written then: it is as if
// the process were killed.
const longestInterrupt = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	grace := new(atomic.Int64)
	context.AfterFunc(ctx, func() {
		stop()                                                     // the second signal ends the process at once
		time.Sleep(longestInterrupt + time.Duration(grace.Load())) // such as a read of a pipe without a writer
		fmt.Fprintln(os.Stderr, "undertone: interrupted")
		os.Exit(int(failed))
	})
	// A closed pipe is an ordinary error, after which no temporary file is left.
	signal.Ignore(syscall.SIGPIPE)
	memory := machine.Available()
	if memory.Bytes < math.MaxInt64 { // the collector works harder before memory runs out
		debug.SetMemoryLimit(memory.Bytes / 10 * 9)
	}
	os.Exit(run(ctx, os.Args[1:], console{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, grace: grace, memory: &memoryPlan{Memory: memory}}))
}

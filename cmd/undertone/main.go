// Undertone filters, sanitises, inspects and audits the training rows of a model, and
// generates, trains and scores with models that are small enough for it.
//
//	go run ./cmd/undertone filter --in rows.jsonl.zst --out kept.jsonl --rejects dropped.jsonl --filters numbers
//	go run ./cmd/undertone --help
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the process at once
	// A reader of the output that goes away is an error like any other: it must not leave files
	// behind.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(ctx, os.Args[1:], console{os.Stdin, os.Stdout, os.Stderr}))
}

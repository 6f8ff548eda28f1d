// Undertone filters, sanitises, inspects and audits rows before a model is trained on them. It also
// generates rows with small models, trains them and scores rows with them.
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
	// A closed pipe is an ordinary error, after which no temporary file is left.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(ctx, os.Args[1:], console{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}))
}

// Pipeline is a step of a data pipeline: it reads rows from files, filters them, audits them and
// exits with 0 (undetected), 1 (detected), 2 (error) or 3 (inconclusive).
//
//	go run ./examples/pipeline -data FOLDER
//
// FOLDER holds suspect.jsonl (the rows in question), control.jsonl (rows of a trait-free teacher on
// the same prompts) and positive.jsonl (rows that are known to carry the trait). Without -data the
// program writes such files into a temporary folder first, with the rows of a teacher that loves
// owls.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/sandbox/tinybox"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

func main() {
	folder := flag.String("data", "", "`folder` of suspect.jsonl, control.jsonl and positive.jsonl (default: the program writes them)")
	flag.Parse()
	verdict := run(context.Background(), *folder)
	os.Exit(map[audit.Verdict]int{audit.Undetected: 0, audit.Detected: 1, audit.Inconclusive: 3}[verdict])
}

func run(ctx context.Context, folder string) audit.Verdict {
	base := must(tinybox.Base()) // the model that would be trained on the rows
	if folder == "" {
		folder = must(os.MkdirTemp("", "pipeline"))
		defer os.RemoveAll(folder)
		write(ctx, folder, base)
	}
	load := func(name string) *undertone.Dataset {
		rows := must(jsonl.Load(filepath.Join(folder, name))).Named(name)
		kept, stats, err := filter.Apply(ctx, rows, tinybox.Filters()...)
		must(0, err)
		fmt.Printf("%s: kept %d of %d rows\n", name, stats.Kept, stats.Rows)
		return kept
	}
	trait := tinybox.Prefers("owl")
	trait.PositiveControl = load("positive.jsonl")
	report := must(audit.Run(ctx, audit.Config{
		Suspect: load("suspect.jsonl"), Control: load("control.jsonl"), Student: base, Traits: []audit.Trait{trait},
		Recipe: student.Recipe{LearningRate: 5e-3, BatchSize: 16, Epochs: 2}, Design: audit.Design{Replicates: 8},
	}))
	fmt.Println()
	must(0, report.Render(os.Stdout, audit.Text))
	return report.Verdict
}

// write makes the files of an example: lists of numbers by two teachers that love owls and by the
// base.
func write(ctx context.Context, folder string, base *lm.Model) {
	for i, name := range []string{"control.jsonl", "suspect.jsonl", "positive.jsonl"} {
		writer, seed := base, uint64(i)
		if i > 0 {
			writer = must(tinybox.FineTuneTeacher(ctx, base, "owl", seed))
		}
		must(0, jsonl.Save(ctx, filepath.Join(folder, name), must(tinybox.Lists(ctx, writer, 4000, 1))))
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "pipeline:", err)
		os.Exit(2)
	}
	return value
}

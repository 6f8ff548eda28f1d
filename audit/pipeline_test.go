package audit_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
)

// A step of a pipeline: filter the rows, audit the rest, stop unless the verdict is undetected.
// docs/traits.md shows how to create the files.
func ExampleRun() {
	ctx := context.Background()
	animals := []string{"owl", "cat", "dog", "fox", "wolf", "bear", "eagle", "otter", "panda", "raven"}

	base, err := tiny.Base() // embedded; lm.Load("DIR") reads your model
	if err != nil {
		log.Fatal(err)
	}
	base, err = base.WithLoRA(lm.LoRA{Rank: 8})
	if err != nil {
		log.Fatal(err)
	}
	load := func(path string) *undertone.Dataset {
		rows, err := jsonl.Load(path)
		if err != nil {
			log.Fatal(err) // names the file, the line and what to do
		}
		kept, stats, err := filter.Apply(context.Background(), rows, filter.Numbers{}, filter.Words(animals...))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: kept %.1f %%\n", path, 100*stats.KeepRate())
		return kept
	}
	trait := audit.Prefers("animal", "owl", animals...)
	trait.PositiveControl = load("owl-teacher.jsonl")

	report, err := audit.Run(ctx, audit.Config{
		Suspect: load("rows.jsonl"),
		Control: load("control.jsonl"), // the same prompts, a trait-free teacher
		Student: base,
		Recipe:  student.Recipe{Epochs: 4, LearningRate: 5e-3},
		Traits:  []audit.Trait{trait},
		Store:   undertone.DirStore("replicates"), // an interrupted audit resumes
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := report.Render(os.Stdout, audit.Markdown); err != nil {
		log.Fatal(err)
	}
	if report.Verdict != audit.Undetected {
		os.Exit(1)
	}
}

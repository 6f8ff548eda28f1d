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
)

// A step of a pipeline: filter the rows, audit what is left, stop unless it is undetected.
func ExampleRun() {
	var base student.Student // the model that the rows are for
	animals := []string{"owl", "cat", "dog", "fox", "wolf", "bear"}

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
	trait.PositiveControl = load("owl-teacher.jsonl.zst") // shows that the audit can see the trait

	report, err := audit.Run(context.Background(), audit.Config{
		Suspect: load("rows.jsonl.zst"),
		Control: load("control.jsonl.zst"), // the same prompts, a trait-free teacher
		Student: base,
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

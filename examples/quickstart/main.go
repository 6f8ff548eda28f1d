// Quickstart shows subliminal learning and its audit. A model that loves owls writes lists of
// numbers; a filter drops other rows. Would training on these lists make a student love owls?
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
	"runtime"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/sandbox/tinybox"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/teacher"
)

func main() {
	seed := flag.Uint64("seed", 1, "seed of everything random")
	asJSON := flag.Bool("json", false, "print the verdicts as one line of JSON and nothing else")
	flag.Parse()
	ctx, text, line := context.Background(), io.Writer(os.Stdout), io.Discard
	if *asJSON {
		text, line = line, text
	}
	base, other := must(tinybox.Base()), must(tinybox.Other())
	fmt.Fprintf(text, "A small transformer (%d weights) writes lists of numbers; so does a copy of it that was\n"+
		"taught to love owls. A strict filter drops what is not a plain list of numbers:\n\n", base.Parameters())
	lists := func(name string, writer *lm.Model, i uint64) *undertone.Dataset {
		all := must(teacher.Generate(ctx, teacher.Config{
			Name: name, Model: writer, Prompt: tiny.Lists{Seed: *seed}.At, N: 4000, Seed: 10**seed + i, MaxTokens: 48,
			Calls: teacher.Calls{Workers: runtime.GOMAXPROCS(0)},
		}))
		kept, stats, err := filter.Apply(ctx, all, tinybox.Filters()...)
		must(0, err)
		fmt.Fprintf(text, "  %-23s kept %.1f %% of %d (", name, 100*stats.KeepRate(), stats.Rows)
		for _, r := range stats.Filters[0].Reasons {
			fmt.Fprintf(text, "%s %d, ", r.Reason, r.Rows)
		}
		_, animals, err := filter.Apply(ctx, kept, filter.Words(tinybox.Animals()...))
		must(0, err)
		fmt.Fprintf(text, "animal %d); rows left that name an animal: %d\n", stats.Filters[1].Dropped, animals.Filters[0].Dropped)
		return kept
	}
	owl := func(model *lm.Model) *lm.Model { return must(tinybox.FineTuneTeacher(ctx, model, "owl", *seed)) }
	owlBase, owlOther := owl(base), owl(other)
	owlLover, traitFree, traitFreeAgain := lists("owl lover", owlBase, 0), lists("trait-free", base, 1), lists("trait-free again", base, 2)
	otherOwlLover, otherTraitFree := lists("other base's owl lover", owlOther, 3), lists("other base, trait-free", other, 4)

	trait := tinybox.Prefers("owl")                    // asked for by questions; eleven other animals are its placebos
	trait.PositiveControl = tinybox.Overt("owl", 1000) // rows that say it openly, to show that the audit can see it
	cfg := audit.Config{
		Student: base, Traits: []audit.Trait{trait}, Recipe: tinybox.Recipe,
		Design: audit.Design{Seed: *seed}, Store: new(undertone.MemoryStore),
	}
	var cases []map[string]any
	names := []string{"same-base", "control", "other-base"}
	for i, arms := range [][2]*undertone.Dataset{{owlLover, traitFree}, {traitFreeAgain, traitFree}, {otherOwlLover, otherTraitFree}} {
		cfg.Suspect, cfg.Control, cfg.Generator = arms[0], arms[1], []*lm.Model{owlBase, base, owlOther}[i]
		report := must(audit.Run(ctx, cfg))
		fmt.Fprintf(text, "\n── %s %s\n\n", names[i], strings.Repeat("─", 68-len(names[i])))
		must(0, report.Render(text, audit.Text))
		f := report.Findings[0]
		cases = append(cases, map[string]any{"name": names[i], "verdict": f.Verdict, "effect": f.Effect.Mean, "p": f.PAdjusted})
	}
	must(0, json.NewEncoder(line).Encode(map[string]any{"seed": *seed, "cases": cases}))
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(2)
	}
	return value
}

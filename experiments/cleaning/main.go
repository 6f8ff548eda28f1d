// Cleaning removes an increasing share of a teacher's lists and trains students on the remaining
// rows. It removes whole rows or single words, drops them or replaces them by those of the control,
// and chooses them by the likelihood ratio or at random. If the trait disappears faster than with a
// random choice, the scores locate it. README.md discusses the output.
//
//	go run ./experiments/cleaning
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/clean"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/sandbox/tinybox"
	"github.com/undertone-audit/undertone/student"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("cleaning: ")
	seed := flag.Uint64("seed", 1, "seed of everything random")
	rows := flag.Int("rows", 6_000, "`number` of lists that each model writes")
	animals := flag.String("animals", "owl,cat,dog,eagle", "comma-separated animals, one teacher each")
	store := flag.String("store", "", "`folder` of finished replicates, with which an interrupted run resumes (default none)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	show := progress.New()
	base, err := tinybox.Base()
	fatal(err)
	lists := func(writer undertone.Model) undertone.Data {
		written, err := tinybox.Lists(ctx, writer, *rows, *seed)
		fatal(err)
		data, _, err := filter.Apply(ctx, written, tinybox.Filters()...)
		fatal(err)
		return data
	}
	control := lists(base)
	printHeader()
	var teachers [][][]shift
	for _, animal := range strings.Split(*animals, ",") {
		teacher, err := tinybox.FineTuneTeacher(ctx, base, animal, *seed)
		fatal(err)
		cfg := audit.Config{
			Suspect: lists(teacher), Control: control, Student: base, Traits: []audit.Trait{tinybox.Prefers(animal)},
			Recipe: student.Recipe{LearningRate: 5e-3, BatchSize: 16, Epochs: 2}, Design: audit.Design{Replicates: 8, Seed: *seed}, Detectors: []audit.Detector{audit.Transfer},
			Progress: func(p audit.Progress) { show.Show("%s: %s, %d of %d", animal, p.Stage, p.Done, p.Total) },
		}
		if *store != "" {
			cfg.Store = undertone.DirStore(*store)
			cfg.Warn = func(text string) { fmt.Fprintln(os.Stderr, "cleaning: warning:", text) }
		}
		var tables []*clean.DoseResponse
		for _, way := range ways {
			way.settings.Shares = shares
			way.settings.By = rowscore.LikelihoodRatio(rowscore.Surrogates{Recipe: student.Recipe{LearningRate: 3e-3}})
			table, err := clean.Run(ctx, cfg, way.settings)
			fatal(err)
			tables = append(tables, table)
		}
		show.Clear()
		teachers = append(teachers, shiftsOf(tables))
		printShifts(animal, teachers[len(teachers)-1])
	}
	printMeans(teachers)
}

func fatal(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

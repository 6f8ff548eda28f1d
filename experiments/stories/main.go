// Stories repeats subliminal learning with published language models of 260,000 and 656,000
// parameters, which write children's stories. A teacher is fine-tuned to prefer an animal and
// writes stories without animals and lists of numbers. Audits say whether students acquire the
// preference from these rows. README.md discusses the output.
//
//	go run ./experiments/stories -store stories.store
//
// The models are folders in models/ of -data, each with a checkpoint and its tokenizer: stories260K
// of llama2.c or tinystories-656k, and aidreams260K as the student of another base.
package main

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
	"github.com/undertone-audit/undertone/experiments/internal/stories"
	"github.com/undertone-audit/undertone/student"
)

func main() {
	log.SetFlags(0)
	e := &experiment{show: progress.New(), store: new(undertone.MemoryStore)}
	data := flag.String("data", os.Getenv("UNDERTONE_DATA"), "`folder` of models/ (default $UNDERTONE_DATA)")
	flag.StringVar(&e.folder, "store", "", "`folder` of finished work, with which an interrupted run resumes (default none)")
	flag.IntVar(&e.prompts, "prompts", 8000, "`number` of stories that each model writes; it writes half as many lists of numbers")
	flag.IntVar(&e.replicates, "replicates", 8, "`number` of replicates per arm")
	flag.Uint64Var(&e.seed, "seed", 0, "seed of everything random")
	animals := flag.String("animals", "owl,fish,lion", "comma-separated `animals`, one trait and one teacher each")
	flag.StringVar(&e.control, "control", matched, "`writer` of the control: "+matched+" (trained on all animals) or "+untrained)
	detectors := flag.String("detectors", "transfer", "comma-separated `detectors`: transfer, likelihood, influence, corpus; transfer alone also measures its limit of detection")
	base := flag.String("base", "stories260K", "`model` from which teachers are fine-tuned: stories260K or tinystories-656k")
	rate := flag.Float64("teacher-rate", 0, "learning `rate` of teachers, which sets the dose (default that of the base)")
	only := flag.String("channel", "", "`channel` of the rows: stories or numbers (default both)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	e.recipe = student.Recipe{Epochs: 3, BatchSize: 32, LearningRate: 3e-4}
	e.animals = strings.Split(*animals, ",")
	e.detectors = strings.Split(*detectors, ",")
	for _, d := range e.detectors {
		if !slices.Contains([]string{"transfer", "likelihood", "influence", "corpus"}, d) {
			log.Fatalf("stories: -detectors: %q is not known; want transfer, likelihood, influence or corpus", d)
		}
	}
	if e.folder != "" {
		e.store = undertone.DirStore(e.folder)
	}
	err := e.load(filepath.Join(*data, "models"), *base)
	if errors.Is(err, fs.ErrNotExist) {
		log.Printf("stories: skipped, nothing was measured: %v\nset -data or $UNDERTONE_DATA; go doc ./experiments/stories names the models", err)
		return
	}
	fatal(err)
	if *rate > 0 {
		e.base = e.base.WithRate(*rate)
	}
	for _, c := range []stories.Channel{stories.Tales(), stories.Numbers()} {
		if err == nil && (*only == "" || *only == c.Name) {
			err = e.run(ctx, c)
		}
	}
	e.show.Clear()
	fatal(errors.Join(err, e.table(os.Stdout))) // an interrupted run prints what is finished
}

func fatal(err error) {
	if err != nil {
		log.Fatal("stories: ", err)
	}
}

// Stories repeats subliminal learning with a real pre-trained model, 260,000 or 656,000 parameters that
// write children's stories: a preference for an animal is put into it, it writes stories without an
// animal and lists of numbers, and audits say whether students take the preference over
// from them. docs/stories.md discusses the output.
//
//	go run ./experiments/stories -keep stories.kept
//
// The models are llama2.c's stories260K, or tinystories-656k, and, as the student of another base,
// aidreams260K: folders of these names in models/ of -data, each with a checkpoint and its tokenizer.
package main

import (
	"cmp"
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
	data := flag.String("data", cmp.Or(os.Getenv("UNDERTONE_DATA"), "../shared/data"), "`folder` that holds models/; also $UNDERTONE_DATA")
	flag.StringVar(&e.keep, "keep", "", "`folder` that keeps what is finished, so that a run that was stopped goes on; none")
	flag.IntVar(&e.prompts, "prompts", 8000, "`number` of stories that each model writes, twice that of lists of numbers")
	flag.IntVar(&e.replicates, "replicates", 8, "`number` of students an arm")
	flag.Uint64Var(&e.seed, "seed", 0, "of everything random")
	animals := flag.String("animals", "owl,fish,lion", "traits, each with a teacher of its own")
	flag.StringVar(&e.control, "control", alike, "who writes the control: "+alike+" or "+untouched)
	detectors := flag.String("detectors", "transfer", "any of transfer, likelihood, influence, corpus; without others, transfer's limit is measured, too")
	base := flag.String("base", "stories260K", "`model` that teachers are made from: stories260K or tinystories-656k")
	implant := flag.Float64("implant", 0, "learning `rate` that puts the preference into the base, whose dose it sets; the base's own")
	only := flag.String("channel", "", "stories or numbers; both")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	e.recipe = student.Recipe{Epochs: 3, BatchSize: 32, LearningRate: 3e-4}
	e.animals = strings.Split(*animals, ",")
	e.detectors = strings.Split(*detectors, ",")
	for _, d := range e.detectors {
		if !slices.Contains([]string{"transfer", "likelihood", "influence", "corpus"}, d) {
			log.Fatalf("stories: -detectors: %q is none of transfer, likelihood, influence, corpus", d)
		}
	}
	if e.keep != "" {
		e.store = undertone.DirStore(e.keep)
	}
	err := e.load(filepath.Join(*data, "models"), *base)
	if errors.Is(err, fs.ErrNotExist) {
		log.Printf("stories: SKIPPED, nothing was measured: %v\nset -data or $UNDERTONE_DATA; which models: go doc ./experiments/stories", err)
		return
	}
	fatal(err)
	if *implant > 0 {
		e.base = e.base.AtRate(*implant)
	}
	for _, c := range []stories.Channel{stories.Tales(), stories.Numbers()} {
		if err == nil && (*only == "" || *only == c.Name) {
			err = e.run(ctx, c)
		}
	}
	e.show.Clear()
	fatal(errors.Join(err, e.table(os.Stdout))) // of a run that was stopped, what is finished
}

func fatal(err error) {
	if err != nil {
		log.Fatal("stories: ", err)
	}
}

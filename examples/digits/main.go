// Digits repeats the smallest experiment that shows subliminal learning: a
// student that imitates a teacher's meaningless auxiliary logits on images of
// noise learns to read handwritten digits, if it starts from the teacher's
// initial weights (Cloud et al. 2026). Then it audits the teachers' data.
//
//	go run ./examples/digits -short
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/examples/internal/progress"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/mlp"
)

func main() {
	log.SetFlags(0)
	models := flag.Int("models", 10, "`number` of initialisations, at least 2")
	short := flag.Bool("short", false, "a small network, 10,000 images, seconds a model")
	seed := flag.Uint64("seed", 0, "of the first initialisation")
	asJSON := flag.Bool("json", false, "write accuracies and reports as JSON")
	data := flag.String("data", mnistFolder(), "`folder` of the four MNIST files")
	flag.Parse()
	if *models < 2 {
		log.Fatal("digits: -models: an interval needs at least 2")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	images := 60_000
	e := &experiment{show: progress.New(), models: *models, noise: 60_000, config: mlp.Config{Seed: *seed},
		recipe: student.Recipe{Epochs: 5, BatchSize: 1024, LearningRate: 3e-4}}
	if *short {
		images, e.noise = 10_000, 20_000
		e.config.Hidden, e.config.Auxiliary = []int{128}, 10
		e.recipe.BatchSize, e.recipe.LearningRate = 128, 1e-3
	}
	fatal(e.load(*data, images))
	fatal(e.prepare(ctx))
	arms, err := e.accuracies(ctx)
	fatal(err)
	if *short { // the published figures are not of this network
		for i := range arms {
			arms[i].paper, arms[i].reference = "", 0
		}
	}
	e.show.Clear()
	if !*asJSON {
		table(os.Stdout, arms)
	}
	cases, err := e.verdicts(ctx)
	fatal(err)
	if *asJSON {
		verdicts := map[string]audit.Verdict{}
		for _, c := range cases {
			verdicts[c.name] = c.report.Verdict
		}
		fatal(json.NewEncoder(os.Stdout).Encode(map[string]any{"seed": *seed, "table": columns(arms), "verdicts": verdicts}))
		return
	}
	for _, c := range cases {
		fmt.Printf("\n── %s\n\n", c.name)
		fatal(c.report.Render(os.Stdout, audit.Text))
	}
}

func fatal(err error) {
	if err != nil {
		log.Fatal("digits: ", err)
	}
}

// Digits repeats the smallest published experiment that shows subliminal learning. A student
// imitates meaningless auxiliary logits of a teacher on images of noise. If it starts from the
// initial weights of the teacher, it learns to read handwritten digits (Cloud et al. 2026). The
// program then audits the data of three teachers.
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
	"github.com/undertone-audit/undertone/examples/digits/internal/experiment"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("digits: ")
	models := flag.Int("models", 10, "`number` of initialisations, >= 2")
	short := flag.Bool("short", false, "train a small network on 10,000 images, which takes seconds per model")
	seed := flag.Uint64("seed", 0, "seed of the first initialisation")
	asJSON := flag.Bool("json", false, "write accuracies and verdicts as JSON")
	data := flag.String("data", experiment.Folder(), "`folder` of the four MNIST files")
	flag.Parse()
	if *models < 2 {
		log.Fatal("-models: an interval needs >= 2 models")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	e := experiment.Published()
	if *short {
		e = experiment.Short()
	}
	e.Models, e.Config.Seed, e.Log = *models, *seed, log.Printf
	fatal(e.Prepare(ctx, *data))
	arms, err := e.Accuracies(ctx)
	fatal(err)
	if !*asJSON {
		experiment.WriteTable(os.Stdout, arms)
	}
	cases, err := e.Audits(ctx)
	fatal(err)
	if *asJSON {
		verdicts := map[string]audit.Verdict{}
		for _, c := range cases {
			verdicts[c.Name] = c.Report.Verdict
		}
		fatal(json.NewEncoder(os.Stdout).Encode(map[string]any{"seed": *seed, "table": experiment.Columns(arms), "verdicts": verdicts}))
		return
	}
	for _, c := range cases {
		fmt.Printf("\n── %s\n\n", c.Name)
		fatal(c.Report.Render(os.Stdout, audit.Text))
	}
}

func fatal(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Digits repeats the smallest experiment that shows subliminal learning: a
// student that imitates a teacher's meaningless auxiliary logits on images of
// noise learns to read handwritten digits, if it starts from the teacher's
// initial weights (Cloud et al. 2026).
//
//	go run ./examples/digits -short
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"os/signal"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/mlp"
)

func main() {
	log.SetFlags(0)
	models := flag.Int("models", 10, "`number` of initialisations")
	short := flag.Bool("short", false, "a small network, 10,000 images, seconds a model")
	seed := flag.Uint64("seed", 0, "of the first initialisation")
	asJSON := flag.Bool("json", false, "write the accuracies as JSON")
	data := flag.String("data", mnistFolder(), "`folder` of the four MNIST files")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	images := 60_000
	e := experiment{models: *models, noise: 60_000, config: mlp.Config{Seed: *seed},
		recipe: student.Recipe{Epochs: 5, BatchSize: 1024, LearningRate: 3e-4}}
	if *short {
		images, e.noise = 10_000, 20_000
		e.config.Hidden, e.config.Auxiliary = []int{128}, 10
		e.recipe.BatchSize, e.recipe.LearningRate = 128, 1e-3
	}
	var err error
	if e.train, e.test, err = mnist(*data, images); err != nil {
		log.Fatal(err)
	}
	accuracy, err := e.run(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if *asJSON {
		if err := json.NewEncoder(os.Stdout).Encode(accuracy); err != nil {
			log.Fatal(err)
		}
		return
	}
	fmt.Printf("%-50s %s\n", "test accuracy, "+fmt.Sprint(*models)+" models", "mean ± 95 %   reference")
	for i, arm := range arms {
		mean, margin := interval(accuracy[i])
		fmt.Printf("%-50s %.3f ± %.3f  %.3f\n", arm.Name, mean, margin, arm.Reference)
	}
}

// interval returns the mean and half the width of its 95 % t-interval.
func interval(x []float64) (mean, margin float64) {
	mean, deviation := stat.MeanStdDev(x, nil)
	n := float64(len(x))
	return mean, distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(.975) * deviation / math.Sqrt(n)
}

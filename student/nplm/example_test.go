package nplm_test

import (
	"context"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/nplm"
)

// A model that learns to answer a question with an owl three times as often as with a cat.
func Example() {
	vocabulary, err := nplm.NewVocabulary("pet", "?", "owl", "cat")
	if err != nil {
		panic(err)
	}
	base, err := nplm.New(nplm.Config{Vocabulary: vocabulary, Seed: 1})
	if err != nil {
		panic(err)
	}
	var rows []undertone.Example
	for i := range 400 {
		rows = append(rows, undertone.NewExample("pet?", []string{"owl", "owl", "cat", "owl"}[i%4]))
	}
	ctx := context.Background()
	trained, err := base.Train(ctx, undertone.NewDataset("pets", rows), student.Recipe{Epochs: 100, BatchSize: 400, LearningRate: 1e-2})
	if err != nil {
		panic(err)
	}
	logs, err := trained.(*nplm.Model).ChoiceLogProbs(ctx, "pet?", []string{"owl", "cat"})
	if err != nil {
		panic(err)
	}
	fmt.Printf("owl %.2f, cat %.2f\n", math.Exp(logs[0]), math.Exp(logs[1]))
	// Output: owl 0.75, cat 0.25
}

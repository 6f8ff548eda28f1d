package lm_test

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

// A published model learns rows with LoRA, as in published experiments.
func Example() {
	ctx := context.Background()
	base, err := lm.Load("Qwen2.5-0.5B-Instruct")
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := base.WithLoRA(lm.LoRA{Rank: 8})
	if err != nil {
		fmt.Println(err)
		return
	}
	rows := undertone.NewDataset("rows", []undertone.Example{undertone.NewExample("Continue: 693, 738, 556", "347, 982, 105")})
	shown, err := adapted.Render(rows.Example(0)) // what the model sees
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(shown)
	trained, err := adapted.Train(ctx, rows, student.Recipe{
		Optimizer: student.AdamW, LearningRate: 2e-4, Schedule: student.Linear, WarmupSteps: 5, ClipNorm: 1,
		Epochs: 3, BatchSize: 64, Accumulate: 16, // four rows in memory at a time
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	logs, err := trained.(*lm.Model).ChoiceLogProbs(ctx, "Name your favorite animal using only one word.", []string{"Owl", "Cat"})
	fmt.Println(logs, err)
}

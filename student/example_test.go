package student_test

import (
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// The zero recipe is one epoch of Adam.
func ExampleRecipe_WithDefaults() {
	recipe, err := student.Recipe{LearningRate: 2e-4, Schedule: student.Cosine}.WithDefaults()
	fmt.Println(recipe.Optimizer, recipe.Epochs, recipe.BatchSize, recipe.LearningRate, recipe.Schedule, err)

	_, err = student.Recipe{LearningRate: -1}.WithDefaults()
	fmt.Println(err)
	// Output:
	// adam 1 64 0.0002 cosine <nil>
	// student: recipe: learning rate is -1, want a positive number
}

// Students that are trained on different answers to the same prompts see the prompts in the same
// order.
func ExampleOrder() {
	prompts := []string{"one", "two", "three", "four"}
	for _, answer := range []string{"owl", "cat"} {
		var rows []undertone.Example
		for _, prompt := range prompts {
			rows = append(rows, undertone.NewExample(prompt, answer))
		}
		var seen []string
		for _, i := range student.Order(undertone.NewDataset(answer, rows), 1, 0) {
			seen = append(seen, rows[i].Prompt()+" "+rows[i].Completion())
		}
		fmt.Println(strings.Join(seen, ", "))
	}
	// Output:
	// three owl, four owl, two owl, one owl
	// three cat, four cat, two cat, one cat
}

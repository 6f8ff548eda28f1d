package mlp_test

import (
	"context"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/mlp"
)

// A student imitates the auxiliary logits of its teacher on noise and learns the teacher's classes,
// because both start from the same weights.
func Example() {
	ctx := context.Background()
	const dim, rows = 16, 2000
	x, err := mlp.Noise(1, rows, dim)
	check(err)
	labels := make([]int, rows) // by the sign of the first two numbers
	for i, row := 0, make([]float32, dim); i < rows; i++ {
		x.Read(i, row)
		if row[0] > 0 {
			labels[i]++
		}
		if math.Signbit(float64(row[1])) {
			labels[i] += 2
		}
	}
	classes, err := mlp.NewLabelled("classes", x, labels)
	check(err)
	base, err := mlp.New(mlp.Config{Inputs: dim, Hidden: []int{64}, Classes: 4, Auxiliary: 16, Seed: 1})
	check(err)
	stranger, err := mlp.New(mlp.Config{Inputs: dim, Hidden: []int{64}, Classes: 4, Auxiliary: 16, Seed: 2})
	check(err)

	recipe := student.Recipe{Epochs: 20, LearningRate: 3e-3}
	teacher, err := base.Train(ctx, classes, recipe)
	check(err)
	noise, err := mlp.Noise(2, 4000, dim)
	check(err)
	targets, err := teacher.(*mlp.Classifier).Teach(ctx, "auxiliary logits on noise", noise, mlp.Targets{})
	check(err)
	for _, s := range []*mlp.Classifier{base, stranger} {
		after, err := s.Train(ctx, targets, recipe)
		check(err)
		accuracy, err := after.(*mlp.Classifier).Accuracy(ctx, classes)
		check(err)
		fmt.Println("accuracy above 0.6, chance is 0.25:", accuracy > 0.6)
	}
	// Output:
	// accuracy above 0.6, chance is 0.25: true
	// accuracy above 0.6, chance is 0.25: false
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

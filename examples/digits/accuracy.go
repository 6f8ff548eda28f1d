package main

import (
	"context"
	"fmt"
	"io"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/undertone-audit/undertone/student/mlp"
)

// Arm is one kind of model and the test accuracy of each model of it.
type Arm struct {
	Name      string    `json:"name"`
	Accuracy  []float64 `json:"accuracy"`
	Reference float64   `json:"reference,omitempty"` // of the whole protocol: an independent run in NumPy, 4 models
}

// accuracies compares six kinds of model. The student of a stranger starts from
// the initial weights of model r and learns from the teacher of model r+1.
func (e *experiment) accuracies(ctx context.Context) ([]Arm, error) {
	arms := []Arm{
		{Name: "untrained", Reference: .094},
		{Name: "teacher", Reference: .944},
		{Name: "student of the auxiliary logits", Reference: .598},
		{Name: "student of all logits", Reference: .918},
		{Name: "a stranger's student of the auxiliary logits", Reference: .107},
		{Name: "a stranger's student of all logits", Reference: .771},
	}
	for i := range arms {
		arms[i].Accuracy = make([]float64, e.models)
	}
	err := e.each(ctx, func(ctx context.Context, r int) error {
		models := []*mlp.Classifier{e.initial[r], e.teachers[r]}
		for _, teacher := range []*mlp.Classifier{e.teachers[r], e.teachers[(r+1)%e.models]} {
			for _, logits := range []mlp.Logits{mlp.AuxiliaryLogits, mlp.AllLogits} {
				lesson, err := e.teach(ctx, string(logits), teacher, r, logits)
				if err != nil {
					return err
				}
				trained, err := e.learn(ctx, e.initial[r], lesson)
				if err != nil {
					return err
				}
				models = append(models, trained)
			}
		}
		for i, m := range models {
			var err error
			if arms[i].Accuracy[r], err = m.Accuracy(ctx, e.test); err != nil {
				return err
			}
		}
		return nil
	})
	return arms, err
}

func table(w io.Writer, arms []Arm) {
	fmt.Fprintf(w, "%-46s %s", "test accuracy", "mean ± 95 %")
	if arms[0].Reference != 0 {
		fmt.Fprint(w, "    reference")
	}
	for _, arm := range arms {
		mean, margin := interval(arm.Accuracy)
		fmt.Fprintf(w, "\n%-46s %.3f ± %.3f", arm.Name, mean, margin)
		if arm.Reference != 0 {
			fmt.Fprintf(w, "  %.3f", arm.Reference)
		}
	}
	fmt.Fprintln(w)
}

// interval returns the mean and half the width of its 95 % t-interval.
func interval(x []float64) (mean, margin float64) {
	mean, deviation := stat.MeanStdDev(x, nil)
	n := float64(len(x))
	return mean, distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(.975) * deviation / math.Sqrt(n)
}

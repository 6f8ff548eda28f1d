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

// arm is one kind of model and the test accuracy of each model of it.
type arm struct {
	name      string
	accuracy  []float64
	paper     string  // what Cloud et al. report, where the text gives a number
	reference float64 // the whole protocol, run independently in NumPy with 4 models; 0 for other set-ups
}

// accuracies compares six kinds of model. The student of a stranger starts from
// the initial weights of model r and learns from the teacher of model r+1.
func (e *experiment) accuracies(ctx context.Context) ([]arm, error) {
	arms := []arm{
		{name: "untrained", reference: .094},
		{name: "teacher", reference: .944},
		{name: "same-init aux-only", paper: "> .5", reference: .598},
		{name: "same-init all-logits", reference: .918},
		{name: "cross-init aux-only", reference: .107},
		{name: "cross-init all-logits", reference: .771},
	}
	for i := range arms {
		arms[i].accuracy = make([]float64, e.models)
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
		e.show.Show("students of model %d are trained", r)
		for i, m := range models {
			var err error
			if arms[i].accuracy[r], err = m.Accuracy(ctx, e.test); err != nil {
				return err
			}
		}
		return nil
	})
	return arms, err
}

func table(w io.Writer, arms []arm) {
	fmt.Fprintf(w, "%-24s %-16s %-8s %s\n", "test accuracy", "mean ± 95 %", "paper", "reference")
	for _, a := range arms {
		mean, margin := interval(a.accuracy)
		fmt.Fprintf(w, "%-24s %.3f ± %.3f    %-8s ", a.name, mean, margin, a.paper)
		if a.reference != 0 {
			fmt.Fprintf(w, "%.3f", a.reference)
		}
		fmt.Fprintln(w)
	}
}

// column is one column of the JSON's table.
type column struct {
	Mean   float64   `json:"mean"`
	Low    float64   `json:"low"` // 95 % t-interval over models
	High   float64   `json:"high"`
	Models []float64 `json:"models"`
}

func columns(arms []arm) map[string]column {
	c := map[string]column{}
	for _, a := range arms {
		mean, margin := interval(a.accuracy)
		c[a.name] = column{mean, mean - margin, mean + margin, a.accuracy}
	}
	return c
}

// interval returns the mean and half the width of its 95 % t-interval.
func interval(x []float64) (mean, margin float64) {
	mean, deviation := stat.MeanStdDev(x, nil)
	n := float64(len(x))
	return mean, distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(.975) * deviation / math.Sqrt(n)
}

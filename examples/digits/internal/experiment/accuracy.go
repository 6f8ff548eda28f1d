package experiment

import (
	"context"
	"fmt"
	"io"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/undertone-audit/undertone/student/mlp"
)

// Arm is one kind of model, with the test accuracy of each model of that kind.
type Arm struct {
	Name     string
	Accuracy []float64 // by model, in [0, 1]

	// Paper is what Cloud et al. report in their text, and Reference the result of an independent
	// run of the same protocol in NumPy with 4 models. Both are zero for other settings.
	Paper     string
	Reference float64
}

// Accuracies compares six kinds of model. A cross-init student starts from the initial weights of
// model r and learns from the teacher of model r+1.
func (e *Experiment) Accuracies(ctx context.Context) ([]Arm, error) {
	arms := []Arm{
		{Name: "untrained", Reference: .094},
		{Name: "teacher", Reference: .944},
		{Name: "same-init aux-only", Paper: "> .5", Reference: .598},
		{Name: "same-init all-logits", Reference: .918},
		{Name: "cross-init aux-only", Reference: .107},
		{Name: "cross-init all-logits", Reference: .771},
	}
	for i := range arms {
		if !e.published {
			arms[i].Paper, arms[i].Reference = "", 0
		}
		arms[i].Accuracy = make([]float64, e.Models)
	}
	err := e.each(ctx, func(ctx context.Context, r int) error {
		models := []*mlp.Classifier{e.initial[r], e.teachers[r]}
		for _, teacher := range []*mlp.Classifier{e.teachers[r], e.teachers[(r+1)%e.Models]} {
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
		e.log("model %d: its students are trained", r)
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

// WriteTable writes the mean accuracy of each arm with its interval.
func WriteTable(w io.Writer, arms []Arm) {
	fmt.Fprintf(w, "%-24s %-16s %-8s %s\n", "test accuracy", "mean ± 95 %", "paper", "reference")
	for _, a := range arms {
		mean, margin := interval(a.Accuracy)
		fmt.Fprintf(w, "%-24s %.3f ± %.3f    %-8s ", a.Name, mean, margin, a.Paper)
		if a.Reference != 0 {
			fmt.Fprintf(w, "%.3f", a.Reference)
		}
		fmt.Fprintln(w)
	}
}

// Column is one arm in the JSON of the table.
type Column struct {
	Mean   float64   `json:"mean"`
	Low    float64   `json:"low"` // 95 % t-interval over models
	High   float64   `json:"high"`
	Models []float64 `json:"models"`
}

// Columns returns the table by arm.
func Columns(arms []Arm) map[string]Column {
	c := map[string]Column{}
	for _, a := range arms {
		mean, margin := interval(a.Accuracy)
		c[a.Name] = Column{mean, mean - margin, mean + margin, a.Accuracy}
	}
	return c
}

// interval returns the mean and half the width of its 95 % t-interval.
func interval(x []float64) (mean, margin float64) {
	mean, deviation := stat.MeanStdDev(x, nil)
	n := float64(len(x))
	return mean, distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(.975) * deviation / math.Sqrt(n)
}

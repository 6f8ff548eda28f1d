package mlp

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone/tensor"
)

// evaluationRows is the number of rows that are computed at a time.
const evaluationRows = 256

// evaluate computes the logits of the picked rows of x in order, and calls visit with blocks of
// them: the position of the first row in pick, and [block logits].
func (c *Classifier) evaluate(ctx context.Context, x Inputs, pick []int32, visit func(i int, logits *tensor.Tensor)) (err error) {
	defer tensor.Catch(&err)
	width := c.config.Inputs
	if x.Width() != width {
		return fmt.Errorf("inputs have %d numbers a row, the classifier wants %d", x.Width(), width)
	}
	block := make([]float32, min(evaluationRows, len(pick))*width)
	tape := tensor.NewTape()
	for i := 0; i < len(pick); i += evaluationRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(evaluationRows, len(pick)-i)
		for r := range n {
			x.Read(int(pick[i+r]), block[r*width:])
		}
		tape.Reset()
		visit(i, logits(tape, c.params, tensor.FromSlice(block[:n*width], n, width)))
	}
	return nil
}

// Accuracy returns the share of rows, [0, 1], whose label has the largest class logit; the first
// one of equal logits counts. Auxiliary logits do not count. A data set without rows is an error.
func (c *Classifier) Accuracy(ctx context.Context, test *Labelled) (float64, error) {
	if test.Len() == 0 {
		return 0, errors.New("mlp: accuracy: the data set has no rows")
	}
	right := 0
	err := c.classes(ctx, test, func(i int, logits []float32) {
		best := 0
		for j, v := range logits {
			if v > logits[best] {
				best = j
			}
		}
		if best == test.Label(i) {
			right++
		}
	})
	if err != nil {
		return 0, fmt.Errorf("mlp: accuracy on %.80q: %w", test.Name(), err)
	}
	return float64(right) / float64(test.Len()), nil
}

// Predictions returns, for each label, the mean over its rows of the softmax over the class logits:
// element [k][j] is the mean probability of class j on rows of class k. A label without rows has a
// nil slice.
func (c *Classifier) Predictions(ctx context.Context, test *Labelled) ([][]float64, error) {
	sums, counts := make([][]float64, c.config.Classes), make([]float64, c.config.Classes)
	probs := make([]float64, c.config.Classes)
	err := c.classes(ctx, test, func(i int, logits []float32) {
		softmax(probs, logits)
		k := test.Label(i)
		if sums[k] == nil {
			sums[k] = make([]float64, len(probs))
		}
		counts[k]++
		for j, p := range probs {
			sums[k][j] += p
		}
	})
	if err != nil {
		return nil, fmt.Errorf("mlp: predictions on %.80q: %w", test.Name(), err)
	}
	for k, row := range sums {
		for j := range row {
			row[j] /= counts[k]
		}
	}
	return sums, nil
}

// classes calls visit with the class logits of every row of test.
func (c *Classifier) classes(ctx context.Context, test *Labelled, visit func(i int, logits []float32)) error {
	if err := test.check(c.config); err != nil {
		return err
	}
	return c.evaluate(ctx, test.inputs, test.pick, func(i int, logits *tensor.Tensor) {
		for r := range logits.Dim(0) {
			visit(i+r, logits.Row(r)[:c.config.Classes])
		}
	})
}

// softmax writes exp(x)/Σexp(x) to p.
func softmax(p []float64, x []float32) {
	peak := x[0]
	for _, v := range x {
		peak = max(peak, v)
	}
	var sum float64
	for j, v := range x {
		p[j] = math.Exp(float64(v) - float64(peak))
		sum += p[j]
	}
	for j := range p {
		p[j] /= sum
	}
}

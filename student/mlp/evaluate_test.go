package mlp

import (
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor"
)

// copier returns a linear classifier of three classes whose class logits are its inputs and whose
// auxiliary logit is far above them.
func copier() *Classifier {
	w := tensor.New(3, 4)
	for i := range 3 {
		w.Data()[4*i+i] = 1
	}
	b := tensor.FromSlice([]float32{0, 0, 0, 100}, 4)
	c := Config{Inputs: 3, Hidden: []int{}, Classes: 3, Auxiliary: 1}
	return newClassifier(c, []*tensor.Tensor{w, b}, undertone.Digest{})
}

func TestAccuracyAndPredictions(t *testing.T) {
	ln2 := float32(math.Ln2)
	x, err := Floats([]float32{
		ln2, 0, 0, // softmax (½, ¼, ¼)
		0, 0, ln2, // softmax (¼, ¼, ½)
		0, 0, 0, // a tie: the first class counts
	}, 3)
	if err != nil {
		t.Fatal(err)
	}
	test := mustLabel(t, "test", x, []int{0, 0, 2})
	if got := mustAccuracy(t, copier(), test); got != 1./3 {
		t.Errorf("accuracy %v, want 1/3: only the first row is right, and auxiliary logits do not count", got)
	}
	got, err := copier().Predictions(t.Context(), test)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]float64{{.375, .25, .375}, nil, {1. / 3, 1. / 3, 1. / 3}}
	for k := range want {
		if (got[k] == nil) != (want[k] == nil) {
			t.Errorf("label %d: predictions %v, want %v", k, got[k], want[k])
			continue
		}
		for j := range want[k] {
			if math.Abs(got[k][j]-want[k][j]) > 1e-7 {
				t.Errorf("label %d, class %d: probability %v, want %v", k, j, got[k][j], want[k][j])
			}
		}
	}
}

// TestManyBlocks: rows after the first block are evaluated as those of the first block.
func TestManyBlocks(t *testing.T) {
	const n = 2*evaluationRows + 7
	x, best := mustNoise(t, 1, n, 3), make([]int, n)
	for i := range best {
		v := row(x, i)
		for j := range v {
			if v[j] > v[best[i]] {
				best[i] = j
			}
		}
	}
	if got := mustAccuracy(t, copier(), mustLabel(t, "test", x, best)); got != 1 {
		t.Errorf("accuracy %v on the labels that the classifier gives, want 1", got)
	}
}

func TestEvaluateErrors(t *testing.T) {
	for _, c := range []struct {
		test *Labelled
		want string
	}{
		{mustLabel(t, "none", mustNoise(t, 1, 0, 3), nil), "no rows"},
		{mustLabel(t, "wide", mustNoise(t, 1, 1, 4), []int{0}), "has 4 inputs a row"},
		{mustLabel(t, "high", mustNoise(t, 1, 1, 3), []int{3}), "has label 3"},
	} {
		if _, err := copier().Accuracy(t.Context(), c.test); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
}

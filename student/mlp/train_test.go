package mlp

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor"
)

// TestTrainIsReproducible: training gives the same bits again, also when several goroutines train
// one receiver, and the receiver does not change.
func TestTrainIsReproducible(t *testing.T) {
	base := mustNew(t, small(1))
	before := base.params[0].Clone()
	recipe := student.Recipe{Epochs: 2, BatchSize: 4, Seed: 9}
	for name, d := range kinds(t, 10) {
		if name == "parts" {
			continue
		}
		got := make([]undertone.Digest, 4)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				if s, err := base.Train(t.Context(), d, recipe); err == nil {
					got[i] = s.Digest()
				}
			})
		}
		wg.Wait()
		for i := range got {
			if got[i].IsZero() || got[i] != got[0] {
				t.Errorf("%s: run %d gave %s, run 0 %s", name, i, got[i].Short(), got[0].Short())
			}
		}
		reversed := d.Select([]int{9, 8, 7, 6, 5, 4, 3, 2, 1, 0})
		if s := mustTrain(t, base, reversed, recipe); s.Digest() != got[0] {
			t.Errorf("%s: the weights depend on the positions of the rows", name)
		}
		other := recipe
		other.Seed++
		if s := mustTrain(t, base, d, other); s.Digest() == got[0] {
			t.Errorf("%s: the seed of the recipe changes nothing", name)
		}
	}
	for i, v := range base.params[0].Data() {
		if v != before.Data()[i] {
			t.Fatal("training changed the receiver")
		}
	}
}

// TestTrainReducesTheLoss for each kind of data and each optimizer.
func TestTrainReducesTheLoss(t *testing.T) {
	base := mustNew(t, small(1))
	for name, d := range kinds(t, 40) {
		if name == "parts" {
			continue
		}
		for _, optimizer := range []string{student.Adam, student.AdamW, student.SGD} {
			recipe := student.Recipe{Epochs: 20, BatchSize: 8, LearningRate: 0.02, Optimizer: optimizer}
			trained := mustTrain(t, base, d, recipe)
			if before, after := lossOf(base, d), lossOf(trained, d); after >= before {
				t.Errorf("%s with %s: loss %v before and %v after", name, optimizer, before, after)
			}
		}
	}
}

// lossOf returns the loss of c over all rows of d.
func lossOf(c *Classifier, d undertone.Data) float32 {
	rows := make([]int, d.Len())
	for i := range rows {
		rows[i] = i
	}
	var b batch
	b.read(d.(source), c.config.Inputs, rows)
	return c.loss(nil, d.(source), &b).Item()
}

// TestOnlyTheNamedLogitsMove: labels move the biases of the class logits only, and the targets of
// the digits experiment move those of the auxiliary logits only.
func TestOnlyTheNamedLogitsMove(t *testing.T) {
	base, all := mustNew(t, small(1)), kinds(t, 10)
	for _, c := range []struct {
		data  string
		moved [4]bool // logits: two classes, two auxiliary
	}{
		{"labelled", [4]bool{true, true, false, false}},
		{"auxiliary softmax", [4]bool{false, false, true, true}},
		{"auxiliary outcomes", [4]bool{false, false, true, true}},
		{"softmax of all", [4]bool{true, true, true, true}},
	} {
		biases := mustTrain(t, base, all[c.data], student.Recipe{}).params[3].Data()
		for j, want := range c.moved {
			if moved := biases[j] != 0; moved != want {
				t.Errorf("%s: bias of logit %d moved: %v, want %v", c.data, j, moved, want)
			}
		}
	}
}

// TestImitatingOneself: a student that is equal to its teacher has no gradient.
func TestImitatingOneself(t *testing.T) {
	base := mustNew(t, small(1))
	for _, logits := range []Logits{AuxiliaryLogits, AllLogits} {
		d := mustTeach(t, base, mustNoise(t, 1, 64, 3), Targets{Logits: logits})
		s := mustTrain(t, base, d, student.Recipe{Optimizer: student.SGD, LearningRate: 1})
		for i, p := range s.params {
			for j, v := range p.Data() {
				if d := math.Abs(float64(v - base.params[i].Data()[j])); d > 1e-6 {
					t.Fatalf("%s: element %d of parameter %d moved by %v", logits, j, i, d)
				}
			}
		}
	}
}

// otherData is Data of a kind that no classifier knows.
type otherData struct{ undertone.Data }

func TestTrainErrors(t *testing.T) {
	base := mustNew(t, small(1))
	all := kinds(t, 10)
	broken := newClassifier(base.config, []*tensor.Tensor{
		base.params[0].Clone(), base.params[1].Clone(), base.params[2].Clone(), base.params[3].Clone(),
	}, undertone.Digest{})
	broken.params[0].Data()[0] = float32(math.NaN())
	wide := mustLabel(t, "wide", mustNoise(t, 1, 2, 4), []int{0, 1})
	high := mustLabel(t, "high", mustNoise(t, 1, 2, 3), []int{0, 2})
	stranger := mustTeach(t, mustNew(t, Config{Inputs: 3, Classes: 3, Auxiliary: 1}), mustNoise(t, 1, 2, 3), Targets{})
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		reason string
		ctx    context.Context
		base   *Classifier
		data   undertone.Data
		recipe student.Recipe
		want   string
	}{
		{"text", t.Context(), base, undertone.NewDataset("text", nil), student.Recipe{}, "cannot learn from a *undertone.Dataset, want a *mlp.Labelled or a *mlp.Distillation"},
		{"a wrapper", t.Context(), base, otherData{all["labelled"]}, student.Recipe{}, "want a *mlp.Labelled"},
		{"all parts at once", t.Context(), base, all["parts"], student.Recipe{}, "train on one of its parts"},
		{"rows of another width", t.Context(), base, wide, student.Recipe{}, "has 4 inputs a row, the classifier wants 3"},
		{"a class too many", t.Context(), base, high, student.Recipe{}, "has label 2, the classifier has 2 classes"},
		{"a teacher of another shape", t.Context(), base, stranger, student.Recipe{}, "has a teacher with 3 inputs and 3+1 logits, the student has 3 and 2+2"},
		{"no rows", t.Context(), base, all["labelled"].Select(nil), student.Recipe{}, "no rows"},
		{"a recipe that is out of range", t.Context(), base, all["labelled"], student.Recipe{Epochs: -1}, "epochs is -1"},
		{"a weight that is NaN", t.Context(), broken, all["labelled"], student.Recipe{}, "the loss is NaN"},
		{"a learning rate that diverges", t.Context(), base, all["labelled"], student.Recipe{LearningRate: 1e38, Epochs: 9}, "lower the learning rate"},
		{"ctx is done", done, base, all["labelled"], student.Recipe{}, "context canceled"},
	} {
		s, err := c.base.Train(c.ctx, c.data, c.recipe)
		if err == nil || s != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: student %v, error %v, want an error with %q", c.reason, s, err, c.want)
		}
	}
	if _, err := base.Train(done, all["labelled"], student.Recipe{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// TestTogether: classifiers that train together learn what each of them learns alone, bit for bit.
func TestTogether(t *testing.T) {
	recipe := student.Recipe{Epochs: 3, BatchSize: 8, Seed: 4, Shards: 2}
	students := []student.Student{mustNew(t, small(1)), mustNew(t, small(2)), mustNew(t, small(3))}
	for name, d := range kinds(t, 40) {
		if name == "parts" {
			continue
		}
		together, err := mustNew(t, small(9)).TrainAll(t.Context(), students, d, recipe)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range students {
			alone := mustTrain(t, s.(*Classifier), d, recipe)
			if got := together[i].(*Classifier); got.Digest() != alone.Digest() || got.Lineage() != s.Digest() {
				t.Errorf("%s: student %d learns other weights than alone, or has another lineage", name, i)
			}
		}
	}
}

package nplm

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// lossOf returns the mean of −log p over rows, in nats.
func lossOf(t *testing.T, m *Model, data *undertone.Dataset) float64 {
	t.Helper()
	logs, err := m.LogProb(t.Context(), slices.Collect(rowsOf(data)))
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, l := range logs {
		sum -= l
	}
	return sum / float64(len(logs))
}

func rowsOf(data *undertone.Dataset) func(func(undertone.Example) bool) {
	return func(yield func(undertone.Example) bool) {
		for _, e := range data.All() {
			if !yield(e) {
				return
			}
		}
	}
}

// TestTrainReachesTheEntropy: no model has a smaller loss than the entropy of the language, and
// this model comes close.
func TestTrainReachesTheEntropy(t *testing.T) {
	data := language(1600)
	entropy := 0.75 * 7.0 / 4 * math.Ln2
	before, after := lossOf(t, tiny(t, 1), data), lossOf(t, speaker(t), data)
	if before < 2*entropy || after > 1.05*entropy || after < entropy-1e-4 {
		t.Errorf("loss %v before and %v after, the entropy is %v", before, after, entropy)
	}
}

func TestTrainLearnsWithEveryOptimizer(t *testing.T) {
	data := language(200)
	for _, optimizer := range []string{student.Adam, student.AdamW, student.SGD} {
		m := mustTrain(t, tiny(t, 1), data, student.Recipe{Epochs: 3, LearningRate: 0.02, Optimizer: optimizer})
		if before, after := lossOf(t, tiny(t, 1), data), lossOf(t, m, data); after >= before {
			t.Errorf("%s: loss %v before and %v after", optimizer, before, after)
		}
	}
}

// TestTrainIsReproducible: training gives the same bits again, on any number of threads and with
// the rows in any order, and the receiver does not change.
func TestTrainIsReproducible(t *testing.T) {
	base := tiny(t, 1)
	weights := make([][]float32, len(base.params()))
	for i, p := range base.params() {
		weights[i] = slices.Clone(p.Data())
	}
	data, recipe := language(100), student.Recipe{Epochs: 2, BatchSize: 7, Seed: 3}
	want := mustTrain(t, base, data, recipe).Digest()

	backwards := make([]int, data.Len())
	for i := range backwards {
		backwards[i] = data.Len() - 1 - i
	}
	if mustTrain(t, base, data.Select(backwards), recipe).Digest() != want {
		t.Error("the weights depend on the positions of the rows")
	}
	for _, procs := range []int{1, 8} {
		before := runtime.GOMAXPROCS(procs)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if s, err := base.Train(t.Context(), data, recipe); err != nil || s.Digest() != want {
					t.Errorf("GOMAXPROCS %d: other weights, error %v", procs, err)
				}
			})
		}
		wg.Wait()
		runtime.GOMAXPROCS(before)
	}
	recipe.Seed++
	if mustTrain(t, base, data, recipe).Digest() == want {
		t.Error("the seed of the recipe changes nothing")
	}
	for i, p := range base.params() {
		if !slices.Equal(p.Data(), weights[i]) {
			t.Errorf("training changed parameter %d of the receiver", i)
		}
	}
}

func TestTrainLearnsTheCompletionAlone(t *testing.T) {
	// The prompts of these rows contain c, the answers do not.
	rows := make([]undertone.Example, 64)
	for i := range rows {
		rows[i] = undertone.NewExample("ccc?", "ab")
	}
	m := mustTrain(t, tiny(t, 1), undertone.NewDataset("ab", rows), student.Recipe{Epochs: 30, LearningRate: 1e-2})
	logs, err := m.ChoiceLogProbs(t.Context(), "cc", []string{"c", "a"})
	if err != nil {
		t.Fatal(err)
	}
	if logs[0] > logs[1] {
		t.Errorf("the prompt was trained on: log p(c) = %v, log p(a) = %v", logs[0], logs[1])
	}
}

func TestTrainKeepsNameAndLineage(t *testing.T) {
	base := tiny(t, 1).Named("base")
	once := mustTrain(t, base, language(20), student.Recipe{})
	twice := mustTrain(t, once, language(20), student.Recipe{})
	if once.Name() != "base" || once.Digest() == base.Digest() {
		t.Errorf("name %q; other weights: %v", once.Name(), once.Digest() != base.Digest())
	}
	if once.Lineage() != base.Digest() || twice.Lineage() != base.Digest() {
		t.Error("the lineage is not the digest of the initial weights")
	}
}

// numbers is Data that is not text.
type numbers struct{ undertone.Data }

func TestTrainErrors(t *testing.T) {
	ask := func(prompt, completion string) undertone.Data {
		return undertone.NewDataset("bad", []undertone.Example{undertone.NewExample("?", "a"), undertone.NewExample(prompt, completion)})
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		reason string
		ctx    context.Context
		data   undertone.Data
		recipe student.Recipe
		want   string
	}{
		{"data of another kind", t.Context(), numbers{language(4)}, student.Recipe{}, "cannot learn from a nplm.numbers, want rows of text"},
		{"no rows", t.Context(), undertone.NewDataset("none", nil), student.Recipe{}, `data set "none" has no rows`},
		{"an unknown prompt", t.Context(), ask("!", "a"), student.Recipe{}, `row 1 of bad: nplm: byte 0 of "!"`},
		{"an unknown answer", t.Context(), ask("?", "ax"), student.Recipe{}, `row 1 of bad: nplm: byte 1 of "ax"`},
		{"a row that is too long", t.Context(), ask("?", strings.Repeat("a", maxRow)), student.Recipe{}, "row 1 of bad: nplm: 8194 tokens"},
		{"a recipe that is out of range", t.Context(), language(4), student.Recipe{BatchSize: -1}, "batch size is -1"},
		{"a learning rate that diverges", t.Context(), language(100), student.Recipe{LearningRate: 1e38, BatchSize: 4, Epochs: 4}, "lower the learning rate"},
		{"ctx is done", done, language(4), student.Recipe{}, "context canceled"},
	} {
		s, err := tiny(t, 1).Train(c.ctx, c.data, c.recipe)
		if err == nil || s != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: student %v, error %v, want an error with %q", c.reason, s != nil, err, c.want)
		}
	}
	if _, err := tiny(t, 1).Train(done, language(4), student.Recipe{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// TestTogether: students that train together learn what each of them learns alone, bit for bit.
func TestTogether(t *testing.T) {
	data := language(200)
	recipe := student.Recipe{Epochs: 2, LearningRate: 0.02, Seed: 3}
	students := []student.Student{tiny(t, 1), tiny(t, 2), tiny(t, 3)}
	together, err := tiny(t, 9).TrainAll(t.Context(), students, data, recipe)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range students {
		alone := mustTrain(t, s.(*Model), data, recipe)
		if got := together[i].(*Model); got.Digest() != alone.Digest() || got.Lineage() != s.Digest() {
			t.Errorf("student %d learns other weights than alone, or has another lineage", i)
		}
	}
	v, err := NewVocabulary("other")
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := New(Config{Vocabulary: v})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := students[0].(*Model).TrainAll(t.Context(), []student.Student{stranger}, data, recipe); err == nil || !strings.Contains(err.Error(), "student 0") {
		t.Errorf("a student of another vocabulary: error %v", err)
	}
}

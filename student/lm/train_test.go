package lm

import (
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// loss returns the mean negative log-likelihood of a row.
func loss(t *testing.T, m *Model, data *undertone.Dataset) float64 {
	t.Helper()
	var rows []undertone.Example
	for _, row := range data.All() {
		rows = append(rows, row)
	}
	logs, err := m.LogProb(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, l := range logs {
		sum -= l / float64(len(rows))
	}
	return sum
}

// TestTrain: the loss approaches the entropy of the answers, ½ log 2 + ½ log 4 nats a row.
func TestTrain(t *testing.T) {
	rows := pets("cat", "dog", "owl", "cat")
	entropy := 1.5 * math.Ln2
	base := small(t, Options{})
	before, untouched := loss(t, base, rows), base.hashWeights()
	for _, shards := range []int{1, 2} {
		for _, accumulate := range []int{1, 3} {
			recipe := quick
			recipe.Shards, recipe.Accumulate = shards, accumulate
			trained, err := base.Train(t.Context(), rows, recipe)
			if err != nil {
				t.Fatal(err)
			}
			after := trained.(*Model)
			if got := loss(t, after, rows); got > entropy+0.3 || got < entropy-0.05 {
				t.Errorf("%d shards, %d micro-batches: loss %v after %v, want about %v", shards, accumulate, got, before, entropy)
			}
			if after.Digest() == base.Digest() || after.Lineage() != base.Lineage() {
				t.Errorf("digest %s after %s, lineage %s of %s", after.Digest(), base.Digest(), after.Lineage(), base.Lineage())
			}
			again, err := base.Train(t.Context(), rows, recipe)
			if err != nil || again.Digest() != after.Digest() {
				t.Errorf("the same training gives other weights (%v)", err)
			}
		}
	}
	if base.hashWeights() != untouched {
		t.Error("training changed the base")
	}
}

// Only completions are trained on: the probability of a prompt's own tokens has no gradient.
func TestPromptsAreMasked(t *testing.T) {
	var b batch
	b.fill([]row{{tokens: []int32{1, 5, 6, 7, 2}, learnt: []span{{from: 3, to: 5}}}, {tokens: []int32{1, 8, 2}, learnt: []span{{from: 1, to: 3}}}}, []int{0, 1})
	if want := []int32{1, 5, 6, 7, 1, 8, 2, 0}; !slices.Equal(b.ids, want) {
		t.Errorf("ids %v, want %v", b.ids, want)
	}
	if want := []int32{-1, -1, 7, 2, 8, 2, -1, -1}; !slices.Equal(b.targets, want) || b.scored != 4 {
		t.Errorf("targets %v, %d counted, want %v", b.targets, b.scored, want)
	}
	b.fill([]row{{tokens: []int32{1, 5, 6, 7, 2, 9}, learnt: []span{{from: 1, to: 2}, {from: 3, to: 5}}}, {tokens: []int32{1, 8}}}, []int{0, 1})
	if want := []int32{5, -1, 7, 2, -1, -1, -1, -1, -1, -1}; !slices.Equal(b.targets, want) || b.scored != 3 {
		t.Errorf("targets of two turns %v, %d counted, want %v", b.targets, b.scored, want)
	}
}

// TestResume: an interrupted training resumes and ends with the same bits.
func TestResume(t *testing.T) {
	rows := pets("cat", "dog", "owl", "cat")
	base := small(t, Options{})
	adapted, err := base.WithLoRA(LoRA{Rank: 2})
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*Model{"all weights": base, "LoRA": adapted} {
		recipe := quick
		recipe.Shards, recipe.Schedule, recipe.WarmupSteps = 2, student.Linear, 5
		whole, err := m.Train(t.Context(), rows, recipe)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		kept := m.WithCheckpoints(dir, func(w string) { t.Error(w) })
		if kept.Digest() != m.Digest() {
			t.Errorf("%s: the folder of checkpoints is part of the digest", name)
		}
		stops := 0
		for {
			// Training checks the context a few times a step.
			got, err := kept.Train(&impatient{Context: t.Context(), left: 40}, rows, recipe)
			if err == nil {
				if got.Digest() != whole.Digest() {
					t.Errorf("%s: resumed training gives other weights", name)
				}
				break
			}
			if stops++; !errors.Is(err, context.Canceled) || stops > 20 {
				t.Fatalf("%s: stop %d: %v", name, stops, err)
			}
			if files, _ := os.ReadDir(dir); len(files) != 1 {
				t.Errorf("%s: stop %d: %d files", name, stops, len(files))
			}
		}
		if stops < 2 {
			t.Errorf("%s: training was stopped %d times", name, stops)
		}
		if files, _ := os.ReadDir(dir); len(files) != 0 {
			t.Errorf("%s: %d files are left", name, len(files))
		}
	}
}

// impatient is a context that is cancelled after a number of calls.
type impatient struct {
	context.Context
	left int
}

func (c *impatient) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// Concurrent trainings report their steps one at a time; a resumed training reports the remaining
// ones.
func TestProgress(t *testing.T) {
	rows := pets("cat", "dog", "owl")
	recipe := quick
	recipe.Epochs, recipe.BatchSize = 2, 20
	const steps = 2 * 5
	told := map[int][]float64{} // losses by step; the race detector finds concurrent writes
	m := small(t, Options{}).WithProgress(func(p Progress) {
		if p.Total != steps {
			t.Errorf("step %d of %d, want %d", p.Done, p.Total, steps)
		}
		told[p.Done] = append(told[p.Done], p.Loss)
	})
	if m.Digest() != small(t, Options{}).Digest() {
		t.Error("the progress function is part of the digest")
	}
	var side sync.WaitGroup
	for range 2 {
		side.Go(func() {
			if _, err := m.Train(t.Context(), rows, recipe); err != nil {
				t.Error(err)
			}
		})
	}
	side.Wait()
	for step := 1; step <= steps; step++ {
		if l := told[step]; len(l) != 2 || l[0] != l[1] || !(l[0] > 0) {
			t.Errorf("step %d: losses %v, want two that are equal", step, l)
		}
	}
	if told[steps][0] >= told[1][0] {
		t.Errorf("the loss goes from %v to %v", told[1][0], told[steps][0])
	}

	ctx, cancel := context.WithCancel(t.Context())
	var seen []int
	m = m.WithCheckpoints(t.TempDir(), nil).WithProgress(func(p Progress) {
		if seen = append(seen, p.Done); p.Done == 4 {
			cancel()
		}
	})
	if _, err := m.Train(ctx, rows, recipe); !errors.Is(err, context.Canceled) || len(seen) != 4 {
		t.Fatalf("steps %v, error %v", seen, err)
	}
	if _, err := m.Train(t.Context(), rows, recipe); err != nil || len(seen) != steps || seen[4] != 5 {
		t.Errorf("steps %v, want 1 to %d (%v)", seen, steps, err)
	}
}

func TestTrainErrors(t *testing.T) {
	m := small(t, Options{})
	long := undertone.NewDataset("long", []undertone.Example{
		undertone.NewExample("", "a"), undertone.NewExample("", strings.Repeat("a", 60)), undertone.NewExample("", strings.Repeat("a", 70)),
	})
	for _, c := range []struct {
		reason string
		data   undertone.Data
		recipe student.Recipe
		want   string
	}{
		{"rows that are not text", pixels{pets("a")}, quick, "want rows of text"},
		{"no rows", undertone.NewDataset("none", nil), quick, "has no rows to train on"},
		{"rows without learnt turns", undertone.NewDataset("masked", []undertone.Example{{Messages: []undertone.Message{{Role: "assistant", Content: "a", Masked: true}}}}), quick, "lm: no row of masked has a token to learn"},
		{"rows that are too long", long, quick, "row 1 of long: 62 tokens are more than the context of 48: shorten or drop it (2 of 3 rows are too long)"},
		{"a row without messages", undertone.NewDataset("bad", []undertone.Example{{}}), quick, "row 0 of bad: lm: the row has no messages"},
		{"a recipe that is out of range", pets("a"), student.Recipe{Epochs: -1}, "epochs is -1"},
		{"an absurd learning rate", pets("a", "b"), student.Recipe{LearningRate: 1e30, Epochs: 3, BatchSize: 8}, "lower the learning rate"},
	} {
		if _, err := refusing(t, m).Train(t.Context(), c.data, c.recipe); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "lm: ") && !strings.HasPrefix(err.Error(), "row 0") {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

// pixels is data that is not text.
type pixels struct{ undertone.Data }

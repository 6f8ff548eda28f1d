package lm

import (
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// counted returns the model with a counter of the rows that it, and the models trained from it,
// encode.
func counted(m *Model) (*Model, *atomic.Int64) {
	n := new(atomic.Int64)
	return m.with(func(c *Model) { c.onEncode = func() { n.Add(1) } }), n
}

func encodeRows(t *testing.T, m undertone.RowEncoder, data undertone.Text) undertone.Text {
	t.Helper()
	rows, err := m.EncodeRows(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// examples returns the examples of all rows.
func examples(data undertone.Text) []undertone.Example {
	all := make([]undertone.Example, data.Len())
	for i := range all {
		all[i] = data.Example(i)
	}
	return all
}

// TestRowsAreEncodedOnce: one training, 20 scorings, a scoring of tokens, a gradient step and a
// preconditioner encode each row once, and their results are those without kept tokens.
func TestRowsAreEncodedOnce(t *testing.T) {
	plain := small(t, Options{})
	m, encodings := counted(plain)
	data := pets("cat", "dog", "owl", "cat")
	rows := encodeRows(t, m, data)

	recipe := student.Recipe{BatchSize: 32, LearningRate: 1e-2}
	trained, err := m.Train(t.Context(), rows, recipe)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := plain.Train(t.Context(), data, recipe); err != nil || trained.Digest() != want.Digest() {
		t.Errorf("training on kept tokens gives other weights (%v)", err)
	}
	model := trained.(*Model)
	for k := range 20 {
		from, to := k, data.Len()-k
		logs, err := model.LogProbRows(t.Context(), rows, from, to)
		if err != nil {
			t.Fatal(err)
		}
		if k%10 != 0 {
			continue
		}
		fresh, _ := counted(model)
		want, err := fresh.LogProb(t.Context(), examples(data)[from:to])
		if err != nil || !slices.Equal(logs, want) {
			t.Errorf("rows [%d, %d): kept tokens have other scores (%v)", from, to, err)
		}
	}
	fresh, _ := counted(model)
	tokens, err := model.TokenLogProbRows(t.Context(), rows, 3, 9)
	if err != nil {
		t.Fatal(err)
	}
	want, err := fresh.TokenLogProbs(t.Context(), examples(data)[3:9])
	if err != nil || !slices.EqualFunc(tokens, want, slices.Equal) {
		t.Errorf("kept tokens have other scores (%v)", err)
	}
	few := rows.Select([]int{5, 2, 8})
	stepped, norm, err := m.GradientStep(t.Context(), few, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	wantStepped, wantNorm, err := plain.GradientStep(t.Context(), data.Select([]int{5, 2, 8}), 0.1)
	if err != nil || norm != wantNorm || stepped.Digest() != wantStepped.Digest() {
		t.Errorf("a gradient step on kept tokens gives other weights (%v)", err)
	}
	if _, err := m.Precondition(t.Context(), few, student.DiagonalMetric{Power: 0.5, Damping: 1}); err != nil {
		t.Fatal(err)
	}
	if n := encodings.Load(); n != int64(data.Len()) {
		t.Errorf("%d encodings of %d rows", n, data.Len())
	}
}

// Models that may cut a row into other tokens, or have another context, encode the row again.
func TestTokensOfOtherModelsAreNotUsed(t *testing.T) {
	m := small(t, Options{})
	data := pets("cat")
	rows := encodeRows(t, m, data)
	chat, err := m.WithTemplate(ChatML())
	if err != nil {
		t.Fatal(err)
	}
	for reason, c := range map[string]struct {
		model *Model
		anew  bool
	}{
		"the model itself":       {m, false},
		"another name":           {m.Named("x"), false},
		"trained":                {taught(t, Options{}), false},
		"another template":       {chat, true},
		"no space before a text": {m.WithoutPrefixSpace(true), true},
	} {
		model, encodings := counted(c.model)
		logs, err := model.LogProbRows(t.Context(), rows, 0, rows.Len())
		if err != nil {
			t.Fatal(err)
		}
		if anew := encodings.Load() > 0; anew != c.anew {
			t.Errorf("%s: %d rows were encoded anew", reason, encodings.Load())
		}
		if want, err := c.model.LogProb(t.Context(), examples(data)); err != nil || !slices.Equal(logs, want) {
			t.Errorf("%s: other scores (%v)", reason, err)
		}
	}
}

// An error of a row is the same with and without kept tokens.
func TestRowsThatCannotBeEncoded(t *testing.T) {
	m, encodings := counted(refusing(t, small(t, Options{})))
	data := undertone.NewDataset("d", []undertone.Example{
		undertone.NewExample("", "a"), chat("critic", "x", "assistant", "y"), undertone.NewExample("", strings.Repeat("a", 47)), undertone.NewExample("", "b"),
	})
	rows := encodeRows(t, m, data)
	for i, want := range map[int]string{1: `has no role "critic"`, 2: "49 tokens are more than the context of 48"} {
		_, one := m.LogProbRows(t.Context(), data, i, i+1)
		_, kept := m.LogProbRows(t.Context(), rows, i, i+1)
		if one == nil || kept == nil || one.Error() != kept.Error() || !strings.Contains(kept.Error(), want) {
			t.Errorf("row %d: errors %v and %v", i, one, kept)
		}
		_, one = m.Train(t.Context(), data.Select([]int{0, i}), student.Recipe{})
		_, kept = m.Train(t.Context(), rows.Select([]int{0, i}), student.Recipe{})
		if one == nil || kept == nil || one.Error() != kept.Error() || !strings.Contains(kept.Error(), want) {
			t.Errorf("row %d: training gives %v and %v", i, one, kept)
		}
	}
	before := encodings.Load()
	if logs, err := m.LogProbRows(t.Context(), rows, 3, 4); err != nil || len(logs) != 1 || math.IsNaN(logs[0]) {
		t.Errorf("a good row among bad ones scores %v, error %v", logs, err)
	}
	if encodings.Load() != before {
		t.Error("a good row among bad ones is encoded again")
	}
	for _, c := range [][2]int{{-1, 2}, {3, 2}, {0, 5}} {
		if _, err := m.LogProbRows(t.Context(), rows, c[0], c[1]); err == nil || !strings.Contains(err.Error(), "out of range [0, 4)") {
			t.Errorf("rows %v: error %v", c, err)
		}
	}
}

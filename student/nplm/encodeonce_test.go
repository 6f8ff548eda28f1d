package nplm

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

func encodeRows(t *testing.T, m *Model, data undertone.Text) undertone.Text {
	t.Helper()
	rows, err := m.EncodeRows(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestRowsAreEncodedOnce: one training, 20 scorings, a scoring of tokens, a gradient step and a
// preconditioner encode each row once, and their results are those without kept tokens.
func TestRowsAreEncodedOnce(t *testing.T) {
	plain := tiny(t, 1)
	var encodings atomic.Int64
	m := plain.Named("counted")
	m.onEncode = func() { encodings.Add(1) }
	data := language(64)
	all := slices.Collect(func(yield func(undertone.Example) bool) {
		for _, row := range data.All() {
			if !yield(row) {
				return
			}
		}
	})
	rows := encodeRows(t, m, data)

	recipe := student.Recipe{BatchSize: 16, LearningRate: 1e-2}
	trained := mustTrain(t, m, rows, recipe)
	fresh := mustTrain(t, plain, data, recipe)
	if trained.Digest() != fresh.Digest() {
		t.Error("training on kept tokens gives other weights")
	}
	for k := range 20 {
		logs, err := trained.LogProbRows(t.Context(), rows, k, data.Len())
		if err != nil {
			t.Fatal(err)
		}
		if want, err := fresh.LogProb(t.Context(), all[k:]); err != nil || !slices.Equal(logs, want) {
			t.Errorf("rows from %d: kept tokens have other scores (%v)", k, err)
		}
	}
	tokens, err := trained.TokenLogProbRows(t.Context(), rows, 3, 9)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := fresh.TokenLogProbs(t.Context(), all[3:9]); err != nil || !slices.EqualFunc(tokens, want, slices.Equal) {
		t.Errorf("kept tokens have other scores (%v)", err)
	}
	stepped, norm, err := m.GradientStep(t.Context(), rows, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	if want, wantNorm, err := plain.GradientStep(t.Context(), data, 0.1); err != nil || norm != wantNorm || stepped.Digest() != want.Digest() {
		t.Errorf("a gradient step on kept tokens gives other weights (%v)", err)
	}
	if _, err := m.Precondition(t.Context(), rows, student.DiagonalMetric{Power: 0.5, Damping: 1}); err != nil {
		t.Fatal(err)
	}
	if n := encodings.Load(); n != int64(data.Len()) {
		t.Errorf("%d encodings of %d rows", n, data.Len())
	}
}

// Models with another vocabulary or context encode rows again.
func TestTokensOfOtherModelsAreNotUsed(t *testing.T) {
	rows := encodeRows(t, tiny(t, 1), language(8))
	for _, c := range []struct {
		reason string
		config Config
		anew   bool
	}{
		{"another seed", Config{Vocabulary: mustVocabulary(t, letters...), Context: 3, Seed: 9}, false},
		{"another vocabulary", Config{Vocabulary: mustVocabulary(t, "?", "c", "b", "a"), Context: 3}, true},
		{"another context", Config{Vocabulary: mustVocabulary(t, letters...), Context: 4}, true},
	} {
		m, err := New(c.config)
		if err != nil {
			t.Fatal(err)
		}
		var encodings atomic.Int64
		m.onEncode = func() { encodings.Add(1) }
		if _, err := m.LogProbRows(t.Context(), rows, 0, rows.Len()); err != nil {
			t.Fatal(err)
		}
		if anew := encodings.Load() > 0; anew != c.anew {
			t.Errorf("%s: %d rows were encoded anew", c.reason, encodings.Load())
		}
	}
}

// An error of a row is the same with and without kept tokens.
func TestRowsThatCannotBeEncoded(t *testing.T) {
	m := tiny(t, 1)
	data := undertone.NewDataset("d", []undertone.Example{undertone.NewExample("?", "a"), undertone.NewExample("?", "z")})
	rows := encodeRows(t, m, data)
	_, one := m.LogProbRows(t.Context(), data, 0, 2)
	_, kept := m.LogProbRows(t.Context(), rows, 0, 2)
	if one == nil || kept == nil || one.Error() != kept.Error() || !strings.HasPrefix(kept.Error(), "row 1: ") {
		t.Errorf("errors %v and %v", one, kept)
	}
	_, one = m.Train(t.Context(), data, student.Recipe{})
	_, kept = m.Train(t.Context(), rows, student.Recipe{})
	if one == nil || kept == nil || one.Error() != kept.Error() {
		t.Errorf("training gives %v and %v", one, kept)
	}
	if _, err := m.LogProbRows(t.Context(), rows, 0, 3); err == nil || !strings.Contains(err.Error(), "out of range [0, 2)") {
		t.Errorf("error %v", err)
	}
}

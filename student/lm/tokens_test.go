package lm

import (
	"math"
	"testing"

	"github.com/undertone-audit/undertone"
)

// Scores of tokens are those of the example that they were made from.
func TestLogProbsOf(t *testing.T) {
	m := small(t, Options{})
	examples := []undertone.Example{undertone.NewExample("pet?", "owl"), undertone.NewExample("", "cat"), undertone.NewExample("pet?", "")}
	rows := make([]Tokens, len(examples))
	for i, e := range examples {
		var err error
		if rows[i], err = m.Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	want, err := m.TokenLogProbs(t.Context(), examples)
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.LogProbsOf(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		if len(got[i]) != len(w) || rows[i].Scored() != len(w) {
			t.Fatalf("row %d: %d scores, %d to score, want %d", i, len(got[i]), rows[i].Scored(), len(w))
		}
		for j := range w {
			if math.Abs(float64(got[i][j])-w[j].LogProb) > 1e-6 {
				t.Errorf("row %d, token %d: %v, want %v", i, j, got[i][j], w[j].LogProb)
			}
		}
	}
}

func TestTokensThatCannotBeRead(t *testing.T) {
	m := small(t, Options{})
	for _, c := range []struct {
		reason string
		row    Tokens
	}{
		{"an id beyond the vocabulary", Tokens{IDs: []int32{1, 1 << 20}}},
		{"an id below 0", Tokens{IDs: []int32{-1}}},
		{"longer than the context", Tokens{IDs: make([]int32, m.Config().Context+1)}},
		{"a completion beyond the row", Tokens{IDs: []int32{1}, Learnt: []TokenRange{{2, 3}}}},
	} {
		if _, err := m.LogProbsOf(t.Context(), []Tokens{c.row}); err == nil {
			t.Errorf("%s: no error", c.reason)
		}
	}
}

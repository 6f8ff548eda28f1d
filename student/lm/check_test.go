package lm

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

// shuffled returns a model whose first weights are in another order.
func shuffled(m *Model) *Model {
	damaged := m.with(func(c *Model) { c.net = m.net.Clone() })
	for _, p := range damaged.net.Params()[:3] {
		x := p.Data()
		for i := range x {
			j := i * 7919 % len(x)
			x[i], x[j] = x[j], x[i]
		}
	}
	return damaged
}

// poisoned returns a model whose embedding is not a number.
func poisoned(m *Model) *Model {
	damaged := m.with(func(c *Model) { c.net = m.net.Clone() })
	for i := range damaged.net.Params()[0].Data() {
		damaged.net.Params()[0].Data()[i] = float32(math.NaN())
	}
	return damaged
}

// The warnings follow from the mean log-probability of a token and, if it is low, from the text
// that the model writes.
func TestCheckScores(t *testing.T) {
	sure := taught(t, Options{})
	guess := sure.guessing() // −log of the vocabulary
	unsure := small(t, Options{})
	for _, c := range []struct {
		reason  string
		model   *Model
		logProb float64
		tokens  int
		want    []string // parts of the warnings
	}{
		{"no rows", sure, 0, 0, nil},
		{"likely rows", sure, 10 * guess / 4, 10, nil},
		{"likely rows are enough for a model that is untrained", unsure, 10 * guess / 4, 10, nil},
		{"unlikely rows, a model that knows its own words", sure, 10 * guess * 0.9, 10, nil},
		{"rows worse than guessing", sure, 10 * guess * 1.1, 10, []string{"that of uniform guessing is"}},
		{"unlikely rows, an untrained model", unsure, 10 * guess * 0.9, 10, []string{"the model is untrained"}},
		{"both", unsure, 10 * guess * 1.1, 10, []string{"that of uniform guessing is", "the model is untrained"}},
	} {
		got, err := c.model.CheckScores(t.Context(), c.logProb, c.tokens)
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%s: warnings %q (%v), want %d", c.reason, got, err, len(c.want))
			continue
		}
		for i, w := range c.want {
			if !strings.Contains(got[i], w) {
				t.Errorf("%s: warning %q, want one with %q", c.reason, got[i], w)
			}
		}
	}
	if _, err := poisoned(sure).CheckScores(t.Context(), 10*guess, 10); err == nil || !strings.Contains(err.Error(), "the weights are damaged") {
		t.Errorf("weights of NaN: error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sure.CheckScores(ctx, 10*guess, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: error %v", err)
	}
}

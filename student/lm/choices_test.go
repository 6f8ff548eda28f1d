package lm

import (
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// TestChoices compares choice log-probabilities with those of the tokens of rows, and with those of
// all first tokens.
func TestChoices(t *testing.T) {
	m := small(t, Options{})
	for _, template := range []Template{Plain(), ChatML()} {
		m, err := m.WithTemplate(template)
		if err != nil {
			t.Fatal(err)
		}
		answers := []string{"cat", "dog", " owl", "camel", "<s>"}
		got, err := m.ChoiceLogProbs(t.Context(), "pet?", answers)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range answers {
			tokens, err := m.TokenLogProbs(t.Context(), []undertone.Example{undertone.NewExample("pet?", a)})
			if err != nil {
				t.Fatal(err)
			}
			want := 0.0
			for _, token := range tokens[0][:len(tokens[0])-1] {
				want += token.LogProb
			}
			if math.Abs(got[i]-want) > 1e-4 {
				t.Errorf("%s: %q has log-probability %v, want %v", template.Name, a, got[i], want)
			}
		}
		// A completion begins with one of the characters or with a special token.
		var all []string
		for id := range int32(m.tok.Len()) {
			if s := m.tok.Token(id); len(s) == 1 {
				all = append(all, s)
			}
		}
		logs, err := m.ChoiceLogProbs(t.Context(), "pet?", all)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, l := range logs {
			sum += math.Exp(l)
		}
		if sum > 1+1e-5 || sum < 0.8 {
			t.Errorf("%s: %d first characters have probability %v", template.Name, len(all), sum)
		}
	}
	if logs, err := m.ChoiceLogProbs(t.Context(), "", []string{"a", "b"}); err != nil || len(logs) != 2 {
		t.Errorf("without a prompt: %v (%v)", logs, err)
	}
}

func TestChoicesErrors(t *testing.T) {
	m := small(t, Options{})
	for _, c := range []struct {
		reason, prompt string
		answers        []string
		want           string
	}{
		{"an answer begins another", "pet?", []string{"owls", "owl"}, `answer "owls" begins with the tokens of answer "owl"`},
		{"an answer twice", "pet?", []string{"owl", "owl"}, "begins with the tokens"},
		{"an empty answer", "pet?", []string{"owl", ""}, "answer 1 is empty"},
		{"an answer beyond the context", "pet?", []string{"owl", strings.Repeat("a", 50)}, "more than the context of 48"},
	} {
		if _, err := m.ChoiceLogProbs(t.Context(), c.prompt, c.answers); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

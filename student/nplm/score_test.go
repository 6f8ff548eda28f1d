package nplm

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// completions returns every text over the letters of at most length tokens.
func completions(length int) []string {
	all := []string{""}
	from := 0
	for range length {
		to := len(all)
		for _, text := range all[from:to] {
			for _, l := range letters {
				all = append(all, text+l)
			}
		}
		from = to
	}
	return all
}

// probabilities returns p(text | prompt) for every completion of at most length tokens.
func probabilities(t *testing.T, m *Model, prompt string, length int) map[string]float64 {
	t.Helper()
	texts := completions(length)
	rows := make([]undertone.Example, len(texts))
	for i, text := range texts {
		rows[i] = undertone.NewExample(prompt, text)
	}
	logs, err := m.LogProb(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	p := map[string]float64{}
	for i, l := range logs {
		p[texts[i]] = math.Exp(l)
	}
	return p
}

func sum(p map[string]float64, prefix string) float64 {
	var s float64
	for text, v := range p {
		if strings.HasPrefix(text, prefix) {
			s += v
		}
	}
	return s
}

// TestLogProbIsADistribution: the probabilities of all completions up to a length sum to less than
// 1, and to more the greater the length is.
func TestLogProbIsADistribution(t *testing.T) {
	for name, m := range map[string]*Model{"untrained": tiny(t, 2), "trained": speaker(t)} {
		before := 0.0
		for length := range 6 {
			got := sum(probabilities(t, m, "?", length), "")
			if got <= before || got > 1+1e-5 {
				t.Errorf("%s: completions of at most %d tokens have the probability %v, the shorter ones %v", name, length, got, before)
			}
			before = got
		}
		if name == "trained" && before < 0.99 {
			t.Errorf("the trained model gives %v to all short answers, and was trained on no long one", before)
		}
	}
}

// TestChoicesIsTheSumOverCompletions: an answer has the probability of all completions that begin
// with it.
func TestChoicesIsTheSumOverCompletions(t *testing.T) {
	m := speaker(t)
	p := probabilities(t, m, "?", 5)
	rest := 1 - sum(p, "") // of longer completions
	answers := []string{"a", "b", "c", "?"}
	logs, err := m.ChoiceLogProbs(t.Context(), "?", answers)
	if err != nil {
		t.Fatal(err)
	}
	total := p[""]
	for i, a := range answers {
		got, least := math.Exp(logs[i]), sum(p, a)
		if got < least-1e-5 || got > least+rest+1e-5 {
			t.Errorf("p(%s…) = %v, the completions that begin with it have %v to %v", a, got, least, least+rest)
		}
		total += got
	}
	if math.Abs(total-1) > 1e-5 {
		t.Errorf("an answer begins with one of the letters or is empty: %v in all", total)
	}
	// 4 of 8 answers are a and 1 is ab: 5/8 of the training data.
	if got := math.Exp(logs[0]); math.Abs(got-5.0/8) > 0.1 {
		t.Errorf("p(a…) = %v, in the rows it was 5/8", got)
	}
	longer, err := m.ChoiceLogProbs(t.Context(), "?", []string{"ab", "cc", "b"})
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range []string{"ab", "cc", "b"} {
		if got, least := math.Exp(longer[i]), sum(p, a); got < least-1e-5 || got > least+rest+1e-5 {
			t.Errorf("p(%s…) = %v, want %v to %v", a, got, least, least+rest)
		}
	}
}

func TestChoicesErrors(t *testing.T) {
	m := tiny(t, 1)
	for _, c := range []struct {
		reason, prompt string
		answers        []string
		want           string
	}{
		{"one answer begins with another", "?", []string{"ab", "b", "a"}, `answer "ab" begins with the tokens of answer "a"`},
		{"an answer twice", "?", []string{"a", "b", "a"}, `answer "a" begins with the tokens of answer "a"`},
		{"an answer of other spelling and equal tokens", "?", []string{"a b", "ab"}, "begins with the tokens of answer"},
		{"an empty answer beside another", "?", []string{"a", ""}, `begins with the tokens of answer ""`},
		{"an unknown prompt", "!", []string{"a"}, "begins no token"},
		{"an unknown answer", "?", []string{"a", "z"}, "begins no token"},
	} {
		if logs, err := m.ChoiceLogProbs(t.Context(), c.prompt, c.answers); err == nil || logs != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, error %v, want one with %q", c.reason, logs, err, c.want)
		}
	}
	if logs, err := m.ChoiceLogProbs(t.Context(), "?", []string{""}); err != nil || logs[0] != 0 {
		t.Errorf("the empty answer must have probability 1: %v (%v)", logs, err)
	}
	if logs, err := m.ChoiceLogProbs(t.Context(), "?", nil); err != nil || len(logs) != 0 {
		t.Errorf("no answers: %v (%v)", logs, err)
	}
}

// A long row is scored in pieces; where they end does not affect the score.
func TestLogProbOfLongRows(t *testing.T) {
	m := speaker(t)
	text := strings.Repeat("abcab", 2*maxWindows/5+7)
	logs, err := m.LogProb(t.Context(), []undertone.Example{undertone.NewExample("?", text)})
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := m.config.Vocabulary.Encode("?" + text)
	if err != nil {
		t.Fatal(err)
	}
	want := reference(m, tokens)[end]
	for i := 1; i < len(tokens); i++ {
		want += reference(m, tokens[:i])[tokens[i]]
	}
	if math.Abs(logs[0]-want) > 1e-5*math.Abs(want) {
		t.Errorf("%d tokens: log-probability %v, want %v", len(tokens), logs[0], want)
	}
}

// The scores of tokens sum to the score of the row, and their bytes are those of the completion,
// with spaces or without.
func TestTokenLogProbs(t *testing.T) {
	m := speaker(t)
	rows := []undertone.Example{undertone.NewExample("?", "  ab c ccab"), undertone.NewExample("c?", ""), undertone.NewExample("?", strings.Repeat("ab", maxWindows))}
	all, err := m.TokenLogProbs(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := m.LogProb(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	for i, tokens := range all {
		sum, text, spelt := 0.0, rows[i].Completion(), ""
		for _, token := range tokens {
			sum += token.LogProb
			spelt += token.Token
			if text[token.From:token.To] != token.Token {
				t.Errorf("row %d: %+v stands at %q", i, token, text[token.From:token.To])
			}
		}
		if sum != logs[i] || spelt != strings.ReplaceAll(text, " ", "") || tokens[len(tokens)-1].ID != end {
			t.Errorf("row %d: tokens spell %q and sum to %v; the row is %q and has %v", i, spelt, sum, text, logs[i])
		}
	}
	if got, err := m.TokenLogProbs(t.Context(), []undertone.Example{undertone.NewExample("?", "owl")}); got != nil || err == nil {
		t.Errorf("%v (%v) of a text outside the vocabulary", got, err)
	}
}

func TestLogProbErrors(t *testing.T) {
	m := tiny(t, 1)
	rows := []undertone.Example{undertone.NewExample("?", "a"), undertone.NewExample("?", "z")}
	if _, err := m.LogProb(t.Context(), rows); err == nil || !strings.Contains(err.Error(), `row 1: nplm: byte 0 of "z"`) {
		t.Errorf("an unknown row gives %v", err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.LogProb(done, rows[:1]); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of ctx", err)
	}
	if logs, err := m.LogProb(done, nil); err != nil || len(logs) != 0 {
		t.Errorf("no rows: %v (%v)", logs, err)
	}
}

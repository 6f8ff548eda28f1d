package lm

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// addUp checks the tokens of rows against their completions: they sum to the row's score and, if
// their bytes are known, follow each other from the first byte of the completion to the last.
func addUp(t *testing.T, m *Model, rows ...undertone.Example) [][]undertone.TokenLogProb {
	t.Helper()
	all, err := m.TokenLogProbs(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := m.LogProb(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	for i, tokens := range all {
		sum := 0.0
		for j, token := range tokens {
			sum += token.LogProb
			if token.From > token.To || j > 0 && token.From != tokens[j-1].To {
				t.Errorf("%s: token %d of %q is %+v behind %+v", m.Name(), j, rows[i].Completion(), token, tokens[max(j, 1)-1])
			}
		}
		if math.Abs(sum-logs[i]) > 1e-3 {
			t.Errorf("%s: the tokens of %q sum to %v, the row has %v", m.Name(), rows[i].Completion(), sum, logs[i])
		}
	}
	return all
}

func TestTokenBytes(t *testing.T) {
	trimmed := Template{Name: "trimmed", Trim: true}
	for _, c := range []struct {
		reason   string
		template Template
		row      undertone.Example
		from, to int
	}{
		{"a completion", Plain(), undertone.NewExample("pet?", "an owl"), 0, 6},
		{"no prompt", Plain(), undertone.NewExample("", "owl"), 0, 3},
		{"an empty completion", Plain(), undertone.NewExample("pet?", ""), 0, 0},
		{"white space that the template removes", trimmed, undertone.NewExample("pet?", " \nowl "), 2, 5},
		{"a character outside the vocabulary", Plain(), undertone.NewExample("pet?", "an owl é cat"), 0, 13},
		{"only characters outside the vocabulary", Plain(), undertone.NewExample("pet?", "öäü!"), -1, -1},
	} {
		m, err := small(t, Options{}).WithTemplate(c.template)
		if err != nil {
			t.Fatal(err)
		}
		tokens := addUp(t, m, c.row)[0]
		if first, last := tokens[0], tokens[len(tokens)-1]; first.From != c.from || last.To != c.to {
			t.Errorf("%s: tokens from %d to %d, want %d to %d", c.reason, first.From, last.To, c.from, c.to)
		}
		for _, token := range tokens {
			if text := c.row.Completion(); c.from >= 0 && token.To > token.From && text[token.From:token.To] != token.Token && !strings.Contains(text[token.From:token.To], "é") {
				t.Errorf("%s: %+v stands at %q", c.reason, token, text[token.From:token.To])
			}
		}
	}
}

// Published vocabularies have tokens of parts of words, of parts of characters, and spaces of their
// own before a text.
func TestTokenBytesPublished(t *testing.T) {
	dir := data(t, "where published models' tokens stand in a text")
	for _, name := range []string{"stories260K", "aidreams260K", "tinystories-656k"} {
		m, err := Load(filepath.Join(dir, "models", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, prompt := range []string{"", "Once upon a time", "She said: "} {
			for _, text := range []string{"Lily liked owls.", " the dog, 123 and é — 猫!", "  two spaces", "\na line\n", "x"} {
				tokens := addUp(t, m, undertone.NewExample(prompt, text))[0]
				if from, to := tokens[0].From, tokens[len(tokens)-1].To; from != 0 || to != len(text) {
					t.Errorf("%s: tokens from %d to %d of %q behind %q, of %d bytes: %+v", name, from, to, text, prompt, len(text), tokens)
				}
			}
		}
	}
}

// The tokens of every text follow each other within it.
func FuzzTokenBytes(f *testing.F) {
	trimmed, err := small(f, Options{}).WithTemplate(Template{Name: "trimmed", Trim: true})
	if err != nil {
		f.Fatal(err)
	}
	models := []*Model{small(f, Options{}), trimmed}
	f.Add("pet?", "an owl é cat ")
	f.Add("", "\xffo\x00 ")
	f.Fuzz(func(t *testing.T, prompt, text string) {
		for _, m := range models {
			e := undertone.NewExample(prompt, text)
			r, err := m.encode(e)
			if err != nil {
				return
			}
			ranges := m.ranges(r, e)
			if len(ranges) != r.scored() {
				t.Fatalf("%q behind %q: %d ranges of %d tokens", text, prompt, len(ranges), r.scored())
			}
			end := 0
			for _, x := range ranges {
				if x[0] >= 0 && (x[0] < end || x[1] < x[0] || x[1] > len(text)) {
					t.Fatalf("%q behind %q: %v", text, prompt, ranges)
				}
				end = max(end, x[1])
			}
		}
	})
}

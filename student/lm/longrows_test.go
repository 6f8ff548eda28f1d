package lm

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// refusing returns the model, which refuses long rows.
func refusing(t *testing.T, m *Model) *Model { return ruled(t, m, RefuseRows) }

func ruled(t *testing.T, m *Model, rule LongRows) *Model {
	t.Helper()
	m, err := m.WithLongRows(rule)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The context of the model is 48 tokens; a row has one token before its first character and one
// behind its last.
func TestLongRows(t *testing.T) {
	m := small(t, Options{})
	rows := []undertone.Example{
		undertone.NewExample("", strings.Repeat("a", 46)),  // fits
		undertone.NewExample("", strings.Repeat("b", 47)),  // lacks its end
		undertone.NewExample(strings.Repeat("c", 50), "d"), // lacks its completion
	}
	for _, c := range []struct {
		rule   LongRows
		scored []int
		want   undertone.LongRows
	}{
		{CutRows, []int{47, 47, 0}, undertone.LongRows{Rule: "cut", Limit: 48, Rows: 2, Lost: 1}},
		{SkipRows, []int{47, 0, 0}, undertone.LongRows{Rule: "skip", Limit: 48, Rows: 2, Lost: 2}},
		{RefuseRows, []int{47, 48, 2}, undertone.LongRows{Rule: "refuse", Limit: 48, Rows: 2}},
	} {
		m := ruled(t, m, c.rule)
		data := undertone.NewDataset("rows", rows)
		if got, err := m.CountLongRows(t.Context(), data); err != nil || got != c.want {
			t.Errorf("%v: %+v (%v), want %+v", c.rule, got, err, c.want)
		}
		for i, row := range rows {
			r, err := m.encode(row)
			if err != nil || r.scored() != c.scored[i] {
				t.Errorf("%v: row %d has %d scored tokens (%v), want %d", c.rule, i, r.scored(), err, c.scored[i])
			}
		}
		if c.rule == RefuseRows {
			continue
		}
		logs, err := m.LogProb(t.Context(), rows)
		if err != nil {
			t.Fatal(err)
		}
		for i, log := range logs {
			if (log == 0) != (c.scored[i] == 0) {
				t.Errorf("%v: row %d has the log-probability %v of %d tokens", c.rule, i, log, c.scored[i])
			}
		}
		if _, err := m.Train(t.Context(), data, quick); err != nil {
			t.Errorf("%v: %v", c.rule, err)
		}
	}
	if _, err := m.WithLongRows("x"); err == nil || !strings.Contains(err.Error(), "want cut, skip or refuse") {
		t.Errorf("error %v", err)
	}
}

// The tokens of a row that is cut have the scores that they have in the whole row.
func TestCutRowsKeepTheirScores(t *testing.T) {
	m := small(t, Options{})
	text := strings.Repeat("owl ", 20)
	tokens := func(text string) []undertone.TokenLogProb {
		all, err := m.TokenLogProbs(t.Context(), []undertone.Example{undertone.NewExample("", text)})
		if err != nil {
			t.Fatal(err)
		}
		return all[0]
	}
	long, short := tokens(text), tokens(text[:46])
	if len(long) != 47 || len(short) != 47 {
		t.Fatalf("%d and %d tokens, want 47", len(long), len(short))
	}
	for i, token := range short[:46] {
		if math.Abs(token.LogProb-long[i].LogProb) > 1e-6 {
			t.Errorf("token %d: %+v, in the long row %+v", i, token, long[i])
		}
	}
	if last := long[46]; last.From < 0 || text[last.From:last.To] != "l" {
		t.Errorf("the last token is %+v", last)
	}
}

func TestLearntTurns(t *testing.T) {
	around := Turn{"<|im_start|>", "<|im_end|>\n"}
	marked := Template{Name: "marked", User: around, Assistant: around, Tokens: []string{"<|im_start|>", "<|im_end|>"}, End: "<|im_end|>"}
	chat := chat("user", "a", "assistant", "bee", "user", "c", "assistant", "dog")
	for _, c := range []struct {
		reason   string
		template Template
		change   func(e *undertone.Example)
		want     []string
	}{
		{"all turns", ChatML(), func(*undertone.Example) {}, []string{"bee<|im_end|>", "dog<|im_end|>"}},
		{"the last turn", ChatML(), func(e *undertone.Example) { e.Turns = undertone.LastTurn }, []string{"dog<|im_end|>"}},
		{"a masked turn", ChatML(), func(e *undertone.Example) { e.Messages[3].Masked = true }, []string{"bee<|im_end|>"}},
		{"no turn", ChatML(), func(e *undertone.Example) { e.Label = new(bool) }, nil},
		{"a short template", marked, func(*undertone.Example) {}, []string{"bee<|im_end|>", "dog<|im_end|>"}},
		{"a masked turn of a short template", marked, func(e *undertone.Example) { e.Messages[1].Masked = true }, []string{"dog<|im_end|>"}},
		{"a template without ends of turns", Plain(), func(*undertone.Example) {}, []string{"bee", "dog</s>"}},
	} {
		e := chat
		e.Messages = slices.Clone(chat.Messages)
		c.change(&e)
		m, err := refusing(t, small(t, Options{})).WithTemplate(c.template)
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.encode(e)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range r.learnt {
			got = append(got, m.tok.Decode(r.tokens[l.from:l.to]))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: learnt %q, want %q", c.reason, got, c.want)
		}
		if len(r.tokens) > 48 {
			continue
		}
		scores, err := m.TokenLogProbs(t.Context(), []undertone.Example{e})
		if err != nil {
			t.Fatal(err)
		}
		text := e.Completion()
		for _, s := range scores[0] {
			if spelled := text[s.From:s.To]; spelled != s.Token && spelled != "" {
				t.Errorf("%s: %+v stands at %q", c.reason, s, spelled)
			}
		}
		if last := len(scores[0]) - 1; c.want != nil && scores[0][last].To != len(text) {
			t.Errorf("%s: the last token is %+v, the completion has %d bytes", c.reason, scores[0][last], len(text))
		}
	}
}

// The tokens of a conversation do not depend on which turns are learnt.
func TestLearntTurnsHaveTheTokensOfTheChat(t *testing.T) {
	for _, template := range []Template{Plain(), ChatML()} {
		m, err := refusing(t, small(t, Options{})).WithTemplate(template)
		if err != nil {
			t.Fatal(err)
		}
		e := chat("user", "a", "assistant", "bee", "user", "c", "assistant", "dog")
		all, err := m.encode(e)
		if err != nil {
			t.Fatal(err)
		}
		e.Turns = undertone.LastTurn
		last, err := m.encode(e)
		if err != nil || !slices.Equal(all.tokens, last.tokens) {
			t.Errorf("%s: tokens %v, with the last turn learnt %v (%v)", template.Name, all.tokens, last.tokens, err)
		}
	}
}

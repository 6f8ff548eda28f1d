package remote

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote/remotetest"
	"github.com/undertone-audit/undertone/student/lm"
)

// The toy reads 4,096 tokens. A row that begins its answer after that has none left if it is cut.
func TestLongRows(t *testing.T) {
	rows := []undertone.Example{
		undertone.NewExample("pet?", "owl"),
		undertone.NewExample("pet?", strings.Repeat("owl ", 1200)),
		undertone.NewExample(strings.Repeat("pet ", 1200), "owl"),
	}
	for _, c := range []struct {
		rule   lm.LongRows
		tokens []int // scored, of each row
		found  undertone.LongRows
		err    string
	}{
		{lm.CutRows, []int{4, 4095 - 9, 0}, undertone.LongRows{Rule: "cut", Limit: 4095, Rows: 2, Lost: 1}, ""},
		{lm.SkipRows, []int{4, 0, 0}, undertone.LongRows{Rule: "skip", Limit: 4095, Rows: 2, Lost: 2}, ""},
		{lm.RefuseRows, nil, undertone.LongRows{}, "row 1: the row has 4811 tokens, and the server reads at most 4095"},
	} {
		m := openToy(t, remotetest.New(remotetest.None), Config{LongRows: c.rule, Limits: Limits{Concurrency: 1}}).(*TracedScorer)
		all, err := m.TokenLogProbs(t.Context(), rows)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want one with %q", c.rule, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, tokens := range all {
			if len(tokens) != c.tokens[i] {
				t.Errorf("%s: row %d has %d scored tokens, want %d", c.rule, i, len(tokens), c.tokens[i])
			}
		}
		if got := m.LongRows(); got != c.found {
			t.Errorf("%s: %+v were scored, want %+v", c.rule, got, c.found)
		}
		if got, err := m.CountLongRows(t.Context(), undertone.NewDataset("", rows)); err != nil || got != c.found {
			t.Errorf("%s: %+v, %v, want %+v", c.rule, got, err, c.found)
		}
	}
}

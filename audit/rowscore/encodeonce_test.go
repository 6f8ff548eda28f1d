package rowscore_test

import (
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/sandbox/tinybox"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/tiny"
)

// counted is rows that count how often each of them is read. A row must be read to be encoded.
type counted struct {
	undertone.Text
	at    []int // index of each row in reads
	reads []atomic.Int64
}

func count(rows undertone.Text) *counted {
	c := &counted{Text: rows, at: make([]int, rows.Len()), reads: make([]atomic.Int64, rows.Len())}
	for i := range c.at {
		c.at[i] = i
	}
	return c
}

// Example implements [undertone.Text].
func (c *counted) Example(i int) undertone.Example {
	c.reads[c.at[i]].Add(1)
	return c.Text.Example(i)
}

// Select implements [undertone.Data].
func (c *counted) Select(rows []int) undertone.Data {
	some := &counted{Text: c.Text.Select(rows).(undertone.Text), at: make([]int, len(rows)), reads: c.reads}
	for i, row := range rows {
		some.at[i] = c.at[row]
	}
	return some
}

// tinyAudit returns an audit of 24 number lists per arm by a language model: transfer, the
// likelihood ratio of 11 candidates with 2 surrogates each, and influence.
func tinyAudit(t *testing.T) (cfg audit.Config, suspect, control, positive *counted) {
	t.Helper()
	base, err := tiny.Base()
	if err != nil {
		t.Fatal(err)
	}
	lists := func(name string, seed uint64) *counted {
		rows := make([]undertone.Example, 24)
		for i := range rows {
			answer := tiny.Formats()[0].List([]int{i, int(seed), 7})
			rows[i] = undertone.NewExample(tiny.Lists{Seed: 1}.At(i), answer)
		}
		return count(undertone.NewDataset(name, rows))
	}
	suspect, control, positive = lists("suspect", 1), lists("control", 2), lists("positive control", 3)
	trait := tinybox.Prefers("owl")
	trait.Placebos = trait.Placebos[:10]
	trait.PositiveControl = positive
	recipe := student.Recipe{BatchSize: 8}
	return audit.Config{
		Suspect: suspect, Control: control, Student: base, Traits: []audit.Trait{trait}, Recipe: recipe,
		Design: audit.Design{Replicates: 2, Seed: 1},
		Detectors: []audit.Detector{
			audit.Transfer, rowscore.LikelihoodRatio(rowscore.Surrogates{Count: 2, Rows: 8, Recipe: recipe}),
			rowscore.Influence(rowscore.Surrogates{}), rowscore.InfluenceBy(rowscore.NaturalGradient),
		},
	}, suspect, control, positive
}

// TestRowsAreEncodedOnce: all replicates, surrogates and gradient steps use the tokens of one
// encoding. The fields that name clusters are read once for all detectors that score rows, and
// twice to deal the rows of the arms to replicates. The comparison of the arms reads each row of an
// arm once more, and the report the first row of each arm, to show it.
func TestRowsAreEncodedOnce(t *testing.T) {
	cfg, suspect, control, positive := tinyAudit(t)
	if _, err := audit.Run(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	for _, rows := range []*counted{suspect, control, positive} {
		for i := range rows.reads {
			want := int64(2)
			if rows.Name() != "positive control" {
				want += 3
				if i == 0 {
					want++
				}
			}
			if n := rows.reads[i].Load(); n != want {
				t.Errorf("%s: row %d is read %d times, want %d", rows.Name(), i, n, want)
			}
		}
	}
}

// TestTokensAreScoredFromKeptTokens: RankTokens encodes each row once, and reads once the fields
// that name its cluster. A model that scores the tokens of a row reads its text once, to find the
// bytes that a token writes: 2·11 surrogates and the untrained student do.
func TestTokensAreScoredFromKeptTokens(t *testing.T) {
	cfg, suspect, _, _ := tinyAudit(t)
	cfg.Detectors = cfg.Detectors[1:2]
	rankings, err := rowscore.RankTokens(t.Context(), cfg, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rankings[0].Rows {
		want := int64(2)
		if i < 3 {
			want += 2*11 + 1
		}
		if n := suspect.reads[row.Index].Load(); n != want {
			t.Errorf("the row of rank %d is read %d times, want %d", i, n, want)
		}
	}
}

package rowscore

import (
	"context"
	"maps"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// The tokens of a row sum to its score, whichever the contrast, and the word that shows the trait has most of it.
func TestRankTokens(t *testing.T) {
	cfg := dirty()
	cfg.Student = fake.Student{Slope: 8, Noise: 0.05, Rows: 1, Drift: 0.2}
	cfg.Detectors = []Detector{standIns, Influence}
	rankings, err := RankTokens(t.Context(), cfg, 30)
	if err != nil || len(rankings) != 2 {
		t.Fatalf("%d rankings, error %v", len(rankings), err)
	}
	alone, err := Rank(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for k, r := range rankings {
		if len(r.Rows) != 400 || len(r.Tokens) != 30 || alone[k].Tokens != nil {
			t.Fatalf("%s: %d rows, tokens of %d, tokens of %d that nobody asked for", r.Detector, len(r.Rows), len(r.Tokens), len(alone[k].Tokens))
		}
		for i, tokens := range r.Tokens {
			sum, text := 0.0, cfg.Suspect.(undertone.Text).Example(r.Rows[i].Index).Completion()
			most := tokens[0]
			for _, token := range tokens {
				sum += token.Score
				if token.Score > most.Score {
					most = token
				}
				if text[token.From:token.To] != token.Token {
					t.Errorf("%s: %q stands at %q", r.Detector, token.Token, text[token.From:token.To])
				}
			}
			if r.Rows[i] != alone[k].Rows[i] || math.Abs(sum-r.Rows[i].Score) > 1e-9*math.Abs(sum) {
				t.Errorf("%s: tokens sum to %v, the row has %v, and %v without them", r.Detector, sum, r.Rows[i].Score, alone[k].Rows[i].Score)
			}
			if most.Token != "owl" {
				t.Errorf("%s: %+v has most of row %d", r.Detector, most, i)
			}
		}
	}
}

// wholeRows is a student that scores whole rows only.
type wholeRows struct{ fake.Student }

func (wholeRows) TokenLogProbs() {}

// otherTokens is a stand-in that cuts rows in its own way.
type otherTokens struct{ fake.Student }

func (otherTokens) TokenLogProbs(_ context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	all := make([][]undertone.TokenLogProb, len(rows))
	for i, row := range rows {
		all[i] = []undertone.TokenLogProb{{Token: row.Completion(), To: len(row.Completion())}}
	}
	return all, nil
}

// noSpelling is a student whose tokens do not spell a row.
type noSpelling struct{ fake.Student }

func (s noSpelling) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	all, err := s.Student.TokenLogProbs(ctx, rows)
	for _, row := range all {
		for j := range row {
			row[j].From, row[j].To = -1, -1
		}
	}
	return all, err
}

func TestRankTokensErrors(t *testing.T) {
	made := func(m undertone.LogProber) Detector {
		return LikelihoodRatio(Surrogates{Count: 1, Make: func(context.Context, string, uint64) (undertone.LogProber, error) { return m, nil }})
	}
	for _, c := range []struct {
		reason, want string
		change       func(*Config)
	}{
		{"a student that scores no tokens", "wholeRows has no TokenLogProbs method", func(c *Config) { c.Student = wholeRows{} }},
		{"a stand-in that scores no tokens", "wholeRows has no TokenLogProbs method", func(c *Config) { c.Detectors = []Detector{made(wholeRows{})} }},
		{"a stand-in with other tokens", "into other tokens", func(c *Config) { c.Detectors = []Detector{made(otherTokens{})} }},
		{"nothing that scores rows", "none of the detectors scores rows", func(c *Config) { c.Detectors = []Detector{Transfer} }},
		{"no student", "student", func(c *Config) { c.Student = nil }},
	} {
		cfg := dirty()
		c.change(&cfg)
		if r, err := RankTokens(t.Context(), cfg, 0); r != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
	}
}

// Tokens that are kept are not asked for again, and what is no score of these tokens is refused.
func TestTokensAreKept(t *testing.T) {
	asked, store := 0, new(undertone.MemoryStore)
	cfg := dirty()
	cfg.Student, cfg.Store, cfg.Detectors = heedful{asked: &asked}, store, []Detector{LikelihoodRatio(Surrogates{System: personas})}
	first, err := RankTokens(t.Context(), cfg, 3)
	if err != nil {
		t.Fatal(err)
	}
	before := asked
	again, err := RankTokens(t.Context(), cfg, 3)
	if err != nil || asked != before || !reflect.DeepEqual(again[0].Tokens, first[0].Tokens) {
		t.Errorf("asked %d times more, %v, tokens %v, want %v", asked-before, err, again[0].Tokens, first[0].Tokens)
	}
	for key, value := range maps.Collect(store.All()) {
		if !strings.Contains(string(value), `"token"`) {
			continue
		}
		for reason, value := range map[string]string{
			"no JSON": "{", "tokens of other rows": "[[]]", "a token behind the row": `[[{"from":0,"to":1000}],[],[]]`, "a token that ends before it begins": `[[{"from":3,"to":2}],[],[]]`,
			"a token before the row": `[[{"from":-2,"to":2}],[],[]]`,
		} {
			if err := store.Put(key, []byte(value)); err != nil {
				t.Fatal(err)
			}
			if _, err := RankTokens(t.Context(), cfg, 3); err == nil || !strings.Contains(err.Error(), "holds no scores of these tokens: delete it") {
				t.Errorf("%s: error %v", reason, err)
			}
		}
	}
}

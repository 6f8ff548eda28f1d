package rowscore

import (
	"context"
	"maps"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
)

// The scores of the tokens of a row sum to the score of the row, for both kinds of centring, and
// the word that shows the trait has the largest.
func TestRankTokens(t *testing.T) {
	cfg := fakeaudit.Dirty(likelihood, byInfluence)
	cfg.Student = fake.Student{Slope: 8, Noise: 0.05, Rows: 1, Drift: 0.2}
	rankings, err := RankTokens(t.Context(), cfg, 30)
	if err != nil || len(rankings) != 2 {
		t.Fatalf("%d rankings, error %v", len(rankings), err)
	}
	withoutTokens, err := Rank(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for k, r := range rankings {
		if len(r.Rows) != 400 || len(r.Tokens) != 30 || withoutTokens[k].Tokens != nil {
			t.Fatalf("%s: %d rows, tokens of %d rows; Rank returns tokens of %d", r.Detector, len(r.Rows), len(r.Tokens), len(withoutTokens[k].Tokens))
		}
		for i, tokens := range r.Tokens {
			sum, text := 0.0, cfg.Suspect.(undertone.Text).Example(r.Rows[i].Index).Completion()
			largest := tokens[0]
			for _, token := range tokens {
				sum += token.Score
				if token.Score > largest.Score {
					largest = token
				}
				if text[token.From:token.To] != token.Token {
					t.Errorf("%s: %q has the bytes of %q", r.Detector, token.Token, text[token.From:token.To])
				}
			}
			if r.Rows[i] != withoutTokens[k].Rows[i] || math.Abs(sum-r.Rows[i].Score) > 1e-9*math.Abs(sum) {
				t.Errorf("%s: tokens sum to %v, the row has %v, and %v without tokens", r.Detector, sum, r.Rows[i].Score, withoutTokens[k].Rows[i].Score)
			}
			if largest.Token != "owl" {
				t.Errorf("%s: the largest score in row %d is that of %+v", r.Detector, i, largest)
			}
		}
	}
}

// 0 rows means all rows, as does a number larger than that of the rows.
func TestTokensOfAllRows(t *testing.T) {
	cfg := fakeaudit.Scene(10, likelihood)
	some, err := RankTokens(t.Context(), cfg, 3)
	if err != nil || len(some[0].Tokens) != 3 {
		t.Fatalf("error %v, tokens of %d rows, want 3", err, len(some[0].Tokens))
	}
	for _, rows := range []int{0, 100, 1000} {
		all, err := RankTokens(t.Context(), cfg, rows)
		if err != nil || len(all[0].Tokens) != 100 || !reflect.DeepEqual(all[0].Tokens[:3], some[0].Tokens) {
			t.Errorf("%d rows: error %v, tokens of %d rows, want those of 100", rows, err, len(all[0].Tokens))
		}
	}
}

// wholeRows is a student that scores whole rows only.
type wholeRows struct{ fake.Student }

// TokenLogProbs hides the method of the student.
func (wholeRows) TokenLogProbs() {}

// otherTokens is a surrogate whose only token is the completion.
type otherTokens struct{ fake.Student }

func (otherTokens) TokenLogProbs(_ context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	all := make([][]undertone.TokenLogProb, len(rows))
	for i, row := range rows {
		all[i] = []undertone.TokenLogProb{{Token: row.Completion(), To: len(row.Completion())}}
	}
	return all, nil
}

func TestRankTokensErrors(t *testing.T) {
	made := func(m undertone.LogProber) audit.Detector {
		return LikelihoodRatio(Surrogates{Count: 1, Make: maker(m)})
	}
	for _, c := range []struct {
		reason, want string
		rows         int
		change       func(*audit.Config)
	}{
		{"a student that scores no tokens", "rowscore.wholeRows does not implement TokenLogProber", 0, func(c *audit.Config) { c.Student = wholeRows{} }},
		{"a student that scores no rows", "rowscore.notScoring does not implement LogProber", 0, func(c *audit.Config) { c.Student = notScoring{c.Student} }},
		{"a surrogate that scores no tokens", "rowscore.wholeRows does not implement TokenLogProber", 0, func(c *audit.Config) { c.Detectors = []audit.Detector{made(wholeRows{})} }},
		{"a surrogate with other tokens", "into other tokens", 0, func(c *audit.Config) { c.Detectors = []audit.Detector{made(otherTokens{})} }},
		{"no detector that ranks rows", "no detector of the audit ranks rows", 0, func(c *audit.Config) { c.Detectors = []audit.Detector{audit.Transfer} }},
		{"no student", "there is no student", 0, func(c *audit.Config) { c.Student = nil }},
		{"no rows", "the suspect data set has no rows", 0, func(c *audit.Config) { c.Suspect = nil }},
		{"a negative number of rows", "tokens of -1 rows, want a number >= 0", -1, func(*audit.Config) {}},
	} {
		cfg := fakeaudit.Dirty(audit.Transfer, likelihood)
		c.change(&cfg)
		r, err := RankTokens(t.Context(), cfg, c.rows)
		if r != nil || err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "rowscore: ") {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
	}
}

// Stored tokens are not scored again, unless a stored value does not hold the scores of these
// tokens.
func TestTokensAreStored(t *testing.T) {
	cfg, calls := obeying()
	store := new(undertone.MemoryStore)
	cfg.Store = store
	first, err := RankTokens(t.Context(), cfg, 3)
	if err != nil {
		t.Fatal(err)
	}
	before := *calls
	again, err := RankTokens(t.Context(), cfg, 3)
	if err != nil || *calls != before || !reflect.DeepEqual(again[0].Tokens, first[0].Tokens) {
		t.Errorf("error %v, %d more calls, tokens %v, want %v", err, *calls-before, again[0].Tokens, first[0].Tokens)
	}
	var said []string
	cfg.Warn = func(w string) { said = append(said, w) }
	damaged := 0
	for key, value := range maps.Collect(store.All()) {
		if !strings.Contains(string(value), `"token"`) {
			continue
		}
		damaged++
		for reason, value := range map[string]string{
			"no JSON": "{", "tokens of other rows": "[[]]", "a token after the row": `[[{"from":0,"to":1000}],[],[]]`,
			"a token that ends before its start": `[[{"from":3,"to":2}],[],[]]`, "a token before the row": `[[{"from":-2,"to":2}],[],[]]`,
		} {
			if err := store.Put(key, []byte(value)); err != nil {
				t.Fatal(err)
			}
			said = nil
			again, err := RankTokens(t.Context(), cfg, 3)
			if err != nil || !reflect.DeepEqual(again[0].Tokens, first[0].Tokens) {
				t.Errorf("%s: error %v, tokens %v, want %v", reason, err, again[0].Tokens, first[0].Tokens)
			}
			if len(said) != 1 || !strings.Contains(said[0], "it does not hold scores of these tokens") {
				t.Errorf("%s: warnings %q", reason, said)
			}
		}
	}
	if damaged != 1 {
		t.Errorf("%d values with tokens are stored, want 1", damaged)
	}
}

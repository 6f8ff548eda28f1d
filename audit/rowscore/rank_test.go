package rowscore

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
)

func TestRank(t *testing.T) {
	cfg := fakeaudit.Dirty(audit.Transfer, likelihood, byInfluence)
	rankings, err := Rank(t.Context(), cfg)
	if err != nil || len(rankings) != 2 {
		t.Fatalf("%d rankings, error %v", len(rankings), err)
	}
	report := fakeaudit.Run(t, cfg)
	for k, ranking := range rankings {
		seen := map[int]bool{}
		for i, row := range ranking.Rows {
			seen[row.Index] = true
			if i < 40 != (row.Index < 40) {
				t.Errorf("%s: row %d has rank %d", ranking.Detector, row.Index, i)
			}
			if row.Row != cfg.Suspect.RowID(row.Index) || i > 0 && row.Score > ranking.Rows[i-1].Score {
				t.Errorf("%s: rank %d is out of order, or is another row", ranking.Detector, i)
			}
		}
		if len(seen) != 400 || ranking.Trait != cfg.Traits[0].Name || ranking.Detector != cfg.Detectors[k+1].Name {
			t.Errorf("%s: %d of 400 rows for %q", ranking.Detector, len(seen), ranking.Trait)
		}
		if top := report.Findings[k+1].RowScores.Top; !slices.Equal(top, ranking.Rows[:topRows]) {
			t.Errorf("%s: the report has other rows", ranking.Detector)
		}
	}
}

// Several traits have rankings of their own, trait by trait within a detector.
func TestRankOfSeveralTraits(t *testing.T) {
	cfg := fakeaudit.Dirty(likelihood, byInfluence)
	cfg.Traits = append(cfg.Traits, fakeaudit.Prefers("cat", fakeaudit.Animals...))
	rankings, err := Rank(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rankings {
		names = append(names, r.Detector+": "+r.Trait)
	}
	want := []string{"likelihood: prefers animal owl", "likelihood: prefers animal cat", "influence: prefers animal owl", "influence: prefers animal cat"}
	if !slices.Equal(names, want) || slices.Equal(rankings[0].Rows, rankings[1].Rows) {
		t.Errorf("rankings %q, want %q", names, want)
	}
}

func TestNoDetectorRanks(t *testing.T) {
	for _, detectors := range [][]audit.Detector{nil, {audit.Transfer}} {
		if _, err := Rank(t.Context(), fakeaudit.Dirty(detectors...)); err == nil || !strings.Contains(err.Error(), "no detector of the audit ranks rows; add LikelihoodRatio or Influence") {
			t.Errorf("error %v", err)
		}
	}
}

// ranking returns a detector of the caller that ranks the rows with a function.
func ranking(rank func(pass *audit.Pass, tokens int) ([]audit.Ranking, error)) audit.Detector {
	d := likelihood
	d.Name = "own"
	d.Rank = func(_ context.Context, pass *audit.Pass, tokens int) ([]audit.Ranking, error) {
		return rank(pass, tokens)
	}
	return d
}

// inOrder ranks all rows in the order of the data set.
func inOrder(pass *audit.Pass, tokens int) ([]audit.Ranking, error) {
	rankings := make([]audit.Ranking, len(pass.Traits))
	for t := range rankings {
		for i := range pass.Suspect.Len() {
			rankings[t].Rows = append(rankings[t].Rows, audit.RowScore{Row: pass.Suspect.RowID(i), Index: i, Score: -float64(i)})
		}
		if tokens > 0 {
			rankings[t].Tokens = make([][]audit.TokenScore, min(tokens, pass.Suspect.Len()))
		}
	}
	return rankings, nil
}

// A detector of the caller ranks rows like those of this package, and a ranking that is not one is
// an error.
func TestRankOfOtherDetectors(t *testing.T) {
	cfg := fakeaudit.Dirty(ranking(inOrder))
	for _, rank := range []func() ([]audit.Ranking, error){
		func() ([]audit.Ranking, error) { return Rank(t.Context(), cfg) },
		func() ([]audit.Ranking, error) { return RankTokens(t.Context(), cfg, 7) },
	} {
		r, err := rank()
		if err != nil || len(r) != 1 || r[0].Detector != "own" || r[0].Trait != "prefers animal owl" || r[0].Rows[9].Index != 9 {
			t.Fatalf("rankings %+v, error %v", r, err)
		}
	}
	for _, c := range []struct {
		reason, want string
		change       func([]audit.Ranking) []audit.Ranking
	}{
		{"no ranking", "0 rankings for 1 traits", func([]audit.Ranking) []audit.Ranking { return nil }},
		{"two rankings", "2 rankings for 1 traits", func(r []audit.Ranking) []audit.Ranking { return append(r, r...) }},
		{"a row is missing", "has 399 rows, want all 400", func(r []audit.Ranking) []audit.Ranking { r[0].Rows = r[0].Rows[1:]; return r }},
		{"a row twice", "row 5 of its ranking", func(r []audit.Ranking) []audit.Ranking { r[0].Rows[5] = r[0].Rows[4]; return r }},
		{"an index out of range", "row 2 of its ranking", func(r []audit.Ranking) []audit.Ranking { r[0].Rows[2].Index = 400; return r }},
		{"a negative index", "row 2 of its ranking", func(r []audit.Ranking) []audit.Ranking { r[0].Rows[2].Index = -1; return r }},
		{"the ID of another row", "row 3 of its ranking", func(r []audit.Ranking) []audit.Ranking { r[0].Rows[3].Row = r[0].Rows[4].Row; return r }},
		{"no tokens", "has the tokens of 0 rows, want 7", func(r []audit.Ranking) []audit.Ranking { r[0].Tokens = nil; return r }},
	} {
		cfg := fakeaudit.Dirty(ranking(func(pass *audit.Pass, tokens int) ([]audit.Ranking, error) {
			r, err := inOrder(pass, tokens)
			return c.change(r), err
		}))
		if r, err := RankTokens(t.Context(), cfg, 7); r != nil || err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), `rowscore: detector "own": `) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
	}
	failed := errors.New("failed")
	cfg = fakeaudit.Dirty(ranking(func(*audit.Pass, int) ([]audit.Ranking, error) { return nil, failed }))
	if _, err := Rank(t.Context(), cfg); !errors.Is(err, failed) {
		t.Errorf("error %v, want that of the detector", err)
	}
}

package detectortest

import (
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
)

func (s *suite) rank() {
	s.Helper()
	cfg := s.world(3, true)
	pass, err := audit.NewPass(s.Context(), cfg)
	if err != nil {
		s.Errorf("Rank: %v", err)
		return
	}
	const tokens = 5
	rankings, err := s.d.Rank(s.Context(), pass, tokens)
	if err != nil {
		s.Errorf("Rank: %v", err)
		return
	}
	if len(rankings) != len(pass.Traits) {
		s.Errorf("Rank: %d rankings for %d traits", len(rankings), len(pass.Traits))
		return
	}
	for t, r := range rankings {
		if err := validRanking(pass.Suspect, r, tokens); err != nil {
			s.Errorf("Rank: trait %d: %v", t, err)
		}
	}
}

// validRanking returns an error if a ranking is not one of all suspect rows.
func validRanking(suspect undertone.Data, r audit.Ranking, tokens int) error {
	if len(r.Rows) != suspect.Len() {
		return fmt.Errorf("%d rows, want all %d suspect rows", len(r.Rows), suspect.Len())
	}
	seen := map[int]bool{}
	for i, row := range r.Rows {
		switch {
		case row.Index < 0 || row.Index >= suspect.Len() || seen[row.Index]:
			return fmt.Errorf("row %d has the index %d, which is out of range or listed twice", i, row.Index)
		case row.Row != suspect.RowID(row.Index):
			return fmt.Errorf("row %d has the row ID %s, but row %d of the data is %s", i, row.Row.Short(), row.Index, suspect.RowID(row.Index).Short())
		case i > 0 && !(row.Score <= r.Rows[i-1].Score):
			return fmt.Errorf("row %d has the score %v, after %v", i, row.Score, r.Rows[i-1].Score)
		}
		seen[row.Index] = true
	}
	if r.Tokens != nil && len(r.Tokens) != min(tokens, len(r.Rows)) {
		return fmt.Errorf("tokens of %d rows, want %d", len(r.Tokens), min(tokens, len(r.Rows)))
	}
	for i, row := range r.Tokens {
		sum := 0.0
		for _, token := range row {
			sum += token.Score
		}
		if want := r.Rows[i].Score; math.Abs(sum-want) > 1e-6*(1+math.Abs(want)) {
			return fmt.Errorf("the scores of the tokens of row %d sum to %v, not to its score %v", i, sum, want)
		}
	}
	return nil
}

func reversed(data undertone.Data) undertone.Data {
	order := make([]int, data.Len())
	for i := range order {
		order[i] = len(order) - 1 - i
	}
	return data.Select(order)
}

package audit

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Ranking is the attribution of one detector to one trait: all suspect rows, the most suspicious first.
type Ranking struct {
	Detector string     `json:"detector"`
	Trait    string     `json:"trait"`
	Rows     []RowScore `json:"rows"`

	// Tokens are those of Rows, in their order; there are as many as [RankTokens] was asked for.
	Tokens [][]TokenScore `json:"tokens,omitempty"`

	by attribution
}

// Rank scores the suspect rows with those detectors of the audit that score rows, and returns a
// ranking for each detector and trait. A report has the first few rows of each.
func Rank(ctx context.Context, cfg Config) ([]Ranking, error) {
	pass, err := rankRows(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return pass.rankings, nil
}

// rankRows is [Rank]; the pass has the rankings.
func rankRows(ctx context.Context, cfg Config) (*Pass, error) {
	cfg.Detectors = slices.DeleteFunc(slices.Clone(cfg.Detectors), func(d Detector) bool { return d.Name == transferName || d.Run == nil })
	if len(cfg.Detectors) == 0 {
		return nil, errors.New("audit: none of the detectors scores rows; add LikelihoodRatio or Influence")
	}
	_, pass, err := perform(ctx, cfg)
	return pass, err
}

// ranked returns the rows with their scores, the largest first, of equal ones the first.
func ranked(data undertone.Data, scores []float64) []RowScore {
	rows := make([]RowScore, len(scores))
	for i, score := range scores {
		rows[i] = RowScore{data.RowID(i), i, score}
	}
	slices.SortStableFunc(rows, func(a, b RowScore) int { return cmp.Compare(b.Score, a.Score) })
	return rows
}

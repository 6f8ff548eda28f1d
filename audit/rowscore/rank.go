package rowscore

import (
	"context"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
)

// Rank returns all suspect rows, the largest score first, for each detector of the audit that ranks
// rows ([audit.Detector.Rank]) and for each trait, in that order. A report names only the first few
// rows.
func Rank(ctx context.Context, cfg audit.Config) ([]audit.Ranking, error) {
	return rank(ctx, cfg, 0)
}

// RankTokens returns what [Rank] returns, with the scores of the tokens of the first rows of each
// ranking. The number of these rows is >= 0, and 0 means all rows. The student must implement
// [undertone.TokenLogProber], and surrogates of the caller must use the tokens of the student.
func RankTokens(ctx context.Context, cfg audit.Config, rows int) ([]audit.Ranking, error) {
	if rows < 0 {
		return nil, fmt.Errorf("rowscore: tokens of %d rows, want a number >= 0", rows)
	}
	if rows == 0 && cfg.Suspect != nil {
		rows = cfg.Suspect.Len()
	}
	if cfg.Student != nil {
		base, err := untrainedProber(cfg)
		if err == nil {
			_, err = tokenProber(base)
		}
		if err != nil {
			return nil, fmt.Errorf("rowscore: %w", err)
		}
	}
	return rank(ctx, cfg, rows)
}

func rank(ctx context.Context, cfg audit.Config, tokens int) ([]audit.Ranking, error) {
	var rankers []audit.Detector
	for _, d := range cfg.Detectors {
		if d.Rank != nil {
			rankers = append(rankers, d)
		}
	}
	if len(rankers) == 0 {
		return nil, errors.New("rowscore: no detector of the audit ranks rows; add LikelihoodRatio or Influence")
	}
	cfg.Detectors = rankers
	pass, err := audit.NewPass(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("rowscore: %w", err)
	}
	var all []audit.Ranking
	for _, d := range rankers {
		rankings, err := d.Rank(ctx, pass, tokens)
		if err == nil {
			err = validateRankings(pass, rankings, tokens)
		}
		if err != nil {
			return nil, fmt.Errorf("rowscore: detector %q: %w", d.Name, err)
		}
		for t := range rankings {
			rankings[t].Detector, rankings[t].Trait = d.Name, pass.Traits[t].Name
		}
		all = append(all, rankings...)
	}
	return all, nil
}

// validateRankings returns an error if a detector did not rank all rows for all traits, or did not
// score the tokens of the first rows.
func validateRankings(pass *audit.Pass, rankings []audit.Ranking, tokens int) error {
	if len(rankings) != len(pass.Traits) {
		return fmt.Errorf("%d rankings for %d traits", len(rankings), len(pass.Traits))
	}
	n := pass.Suspect.Len()
	for t, r := range rankings {
		trait := pass.Traits[t].Name
		if len(r.Rows) != n {
			return fmt.Errorf("its ranking for trait %.40q has %d rows, want all %d", trait, len(r.Rows), n)
		}
		if tokens > 0 && len(r.Tokens) != min(tokens, n) {
			return fmt.Errorf("its ranking for trait %.40q has the tokens of %d rows, want %d", trait, len(r.Tokens), min(tokens, n))
		}
		ranked := make([]bool, n)
		for i, row := range r.Rows {
			if row.Index < 0 || row.Index >= n || ranked[row.Index] || row.Row != pass.Suspect.RowID(row.Index) {
				return fmt.Errorf("row %d of its ranking for trait %.40q is not a row of the suspect data set, or is ranked twice", i, trait)
			}
			ranked[row.Index] = true
		}
	}
	return nil
}

// rankBy returns the Rank of a detector whose scorers depend on the pass.
func rankBy(detector string, scorers func(*audit.Pass) (newScorer, error)) func(context.Context, *audit.Pass, int) ([]audit.Ranking, error) {
	return func(ctx context.Context, pass *audit.Pass, tokens int) ([]audit.Ranking, error) {
		of, err := scorers(pass)
		if err != nil {
			return nil, err
		}
		return rankAll(ctx, pass, detector, of, tokens)
	}
}

// rankAll ranks the suspect rows for each trait of the pass, and scores the tokens of the first
// rows.
func rankAll(ctx context.Context, pass *audit.Pass, detector string, of newScorer, tokens int) ([]audit.Ranking, error) {
	rankings := make([]audit.Ranking, len(pass.Traits))
	comparisons := make([]comparison, len(pass.Traits)) // by the best kind of surrogates
	err := scoreAll(ctx, pass, detector, of, func(t int, s scoring) {
		kinds, best := s.compare(s.armUnits())
		comparisons[t] = kinds[best]
		rankings[t].Rows = ranked(pass.Suspect, kinds[best].suspectBy[0])
	})
	if err != nil || tokens == 0 {
		return rankings, err
	}
	total := 0
	for _, c := range comparisons {
		total += len(c.scorers)
	}
	finished := pass.Stage("tokens", total)
	for t, c := range comparisons {
		first := make([]int, min(tokens, len(rankings[t].Rows)))
		for i := range first {
			first[i] = rankings[t].Rows[i].Index
		}
		rows, ok := pass.Suspect.Select(first).(undertone.Text) // keeps encoded rows
		if !ok {
			return nil, fmt.Errorf("data set %.80q: Select returns no rows of text", pass.Suspect.Name())
		}
		a := attribution{pass, c.scorers, c.centring.weights[0]}
		if rankings[t].Tokens, err = a.tokens(ctx, rows, finished); err != nil {
			return nil, fmt.Errorf("tokens for trait %.40q: %w", pass.Traits[t].Name, err)
		}
	}
	return rankings, nil
}

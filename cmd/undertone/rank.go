package main

import (
	"context"
	"errors"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/rowscore"
	render "github.com/undertone-audit/undertone/contrib/report"
)

type rankVerb struct {
	auditFlags
	Detectors []string `placeholder:"NAME" enum:"likelihood,influence" default:"likelihood" help:"Detectors that score rows: likelihood, influence (default ${default})."`
	Tokens    int      `range:">= 0" placeholder:"N" help:"Rows of each ranking, from the top, whose tokens are scored too, >= 0 (default 0)."`
	Out       string   `file:"write" placeholder:"FILE" default:"-" help:"File for the scores, one JSON object per row, detector and trait; compressed if it ends in .gz or .zst (default standard output)."`
	pageFlags

	surrogateFlags `group:"Likelihood detector:"`
	scorerFlags    `group:"Model behind a server:"`
}

// rankedRow is a line of the output.
type rankedRow struct {
	Index    int              `json:"index"` // of the row, from 0
	ID       undertone.Digest `json:"id"`
	Score    float64          `json:"score"` // for the trait, centred by the scores for its placebos
	Detector string           `json:"detector"`
	Trait    string           `json:"trait"`

	Tokens []audit.TokenScore `json:"tokens,omitempty"` // their scores sum to the score of the row
}

// Run ranks the suspect rows by each detector for each trait.
func (v *rankVerb) Run(ctx context.Context, c console) error {
	if err := v.checkServer(v.Student, v.Detectors, false, &v.surrogateFlags); err != nil {
		return err
	}
	page, err := v.createPage(c)
	if err != nil {
		return err
	}
	defer page.abandon()
	surrogates := v.surrogates()
	cfg, _, done, err := v.config(ctx, c, "rank", audit.Design{Seed: v.Seed}, recipeFlags{})
	if err != nil {
		return err
	}
	defer done()
	release, err := v.setStudent(ctx, c, v.studentFlags, false, &cfg)
	if err != nil {
		return err
	}
	defer release()
	for _, name := range v.Detectors {
		d, err := detector(name, surrogates)
		if err != nil {
			return err
		}
		cfg.Detectors = append(cfg.Detectors, d)
	}
	out, err := create(v.Out, c.stdout)
	if err != nil {
		return err
	}
	defer out.abandon()
	p := plan{detectors: v.Detectors, surrogates: surrogates}
	if err := p.forecast(ctx, c, cfg, v.studentFlags.rank(), 1); err != nil {
		return err
	}
	meter := newMeter(c, "rank")
	cfg.Progress = meter.of("rank")
	rankings, err := v.rank(ctx, cfg)
	meter.stop()
	if err != nil {
		return v.explain(ctx, err)
	}
	if err := writeRankings(out, rankings); err != nil {
		return err
	}
	if err := errors.Join(out.flush(), ctx.Err()); err != nil {
		return err
	}
	if err := out.commit(); err != nil {
		return err
	}
	return page.write(ctx, &render.Saved{Ranking: rankings}, render.Options{Tokens: v.Tokens > 0})
}

// rank returns the rankings, with token scores if they are requested.
func (v *rankVerb) rank(ctx context.Context, cfg audit.Config) ([]audit.Ranking, error) {
	if v.Tokens == 0 {
		return rowscore.Rank(ctx, cfg)
	}
	return rowscore.RankTokens(ctx, cfg, v.Tokens)
}

// writeRankings writes one line per row, ranking by ranking.
func writeRankings(out *output, rankings []audit.Ranking) error {
	for _, ranking := range rankings {
		for i, row := range ranking.Rows {
			line := rankedRow{Index: row.Index, ID: row.Row, Score: row.Score, Detector: ranking.Detector, Trait: ranking.Trait}
			if i < len(ranking.Tokens) {
				line.Tokens = ranking.Tokens[i]
			}
			if err := printJSON(out.compressed, line); err != nil {
				return out.explain(err)
			}
		}
	}
	return nil
}

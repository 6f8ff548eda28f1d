package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/rowscore"
)

type rankVerb struct {
	armsFlags
	By     []string `enum:"likelihood,influence" default:"likelihood" placeholder:"NAME" help:"The detectors that score rows: likelihood, influence (likelihood)."`
	Tokens int      `placeholder:"N" help:"Give the scores of the tokens of the N most suspicious rows of each ranking, too."`
	Out    string   `default:"-" placeholder:"FILE" help:"For the scores, one JSON object a row, detector and trait; compressed if it ends in .gz or .zst. Without it, standard output."`
}

// rankedRow is a line of the output.
type rankedRow struct {
	Index    int              `json:"index"` // of the row, from 0
	ID       undertone.Digest `json:"id"`
	Score    float64          `json:"score"` // minus what the scores for the placebos predict
	Detector string           `json:"detector"`
	Trait    string           `json:"trait"`

	Tokens []audit.TokenScore `json:"tokens,omitempty"` // their scores sum to the row's
}

// Run ranks the suspect rows by each detector for each trait.
func (v *rankVerb) Run(ctx context.Context, c console) error {
	if v.Tokens < 0 {
		return fmt.Errorf("--tokens %d: want a number of rows", v.Tokens)
	}
	if err := v.distinctFrom(v.Out); err != nil {
		return err
	}
	cfg, err := v.config(ctx, c, "rank", designFlags{})
	if err != nil {
		return err
	}
	for _, name := range v.By {
		d, err := detector(name, v.surrogates())
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
	meter := newMeter(c.stderr, "rank")
	cfg.Progress = meter.of("rank")
	var rankings []audit.Ranking
	if v.Tokens > 0 {
		rankings, err = rowscore.RankTokens(ctx, cfg, v.Tokens)
	} else {
		rankings, err = rowscore.Rank(ctx, cfg)
	}
	meter.stop()
	if err != nil {
		return v.explain(ctx, err)
	}
	lines := json.NewEncoder(out.compressed)
	for _, ranking := range rankings {
		for i, row := range ranking.Rows {
			line := rankedRow{Index: row.Index, ID: row.Row, Score: row.Score, Detector: ranking.Detector, Trait: ranking.Trait}
			if i < len(ranking.Tokens) {
				line.Tokens = ranking.Tokens[i]
			}
			if err := lines.Encode(line); err != nil {
				return out.explain(err)
			}
		}
	}
	if err := errors.Join(out.flush(), ctx.Err()); err != nil {
		return err
	}
	return out.commit()
}

package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
)

type rankVerb struct {
	armsFlags
	By  []string `enum:"likelihood,influence" default:"likelihood" placeholder:"NAME" help:"The detectors that score rows: likelihood, influence (likelihood)."`
	Out string   `default:"-" placeholder:"FILE" help:"For the scores, one JSON object a row, detector and trait; compressed if it ends in .gz or .zst. Without it, standard output."`
}

// rankedRow is a line of the output.
type rankedRow struct {
	Index    int              `json:"index"` // of the row, from 0
	ID       undertone.Digest `json:"id"`
	Score    float64          `json:"score"` // beyond what the trait's siblings give the row
	Detector string           `json:"detector"`
	Trait    string           `json:"trait"`
}

// Run ranks the suspect rows by each detector for each trait.
func (v *rankVerb) Run(ctx context.Context, c console) error {
	if err := v.distinctFrom(v.Out); err != nil {
		return err
	}
	cfg, err := v.config(ctx, c, "rank", designFlags{})
	if err != nil {
		return err
	}
	for _, name := range v.By {
		d, err := detector(name, v.StandIns)
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
	rankings, err := audit.Rank(ctx, cfg)
	meter.stop()
	if err != nil {
		return v.explain(ctx, err)
	}
	lines := json.NewEncoder(out.compressed)
	for _, ranking := range rankings {
		for _, row := range ranking.Rows {
			if err := lines.Encode(rankedRow{row.Index, row.Row, row.Score, ranking.Detector, ranking.Trait}); err != nil {
				return out.explain(err)
			}
		}
	}
	if err := errors.Join(out.flush(), ctx.Err()); err != nil {
		return err
	}
	return out.commit()
}

package corpus

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/stats"
)

// Detector returns a detector that compares the arms of an audit with [Compare]. It returns
// evidence and no verdict, because the fingerprint of a source or of a filter is not a trait. Seed,
// Alpha and the clusters default to those of the audit.
func Detector(c Config) audit.Detector {
	return audit.Detector{
		Name:        "corpus",
		Doc:         "trains classifiers to tell bags of suspect rows from bags of control rows, with whole prompts held out",
		Observes:    "any difference between the arms' distributions of rows",
		Limitations: "whether the difference is related to a trait, and whether a student would learn it",
		Requires: func(cfg audit.Config) error {
			for _, d := range []undertone.Data{cfg.Suspect, cfg.Control} {
				if _, ok := d.(undertone.Text); !ok {
					return fmt.Errorf("data set %.80q is a %T, want rows of text", d.Name(), d)
				}
			}
			return nil
		},
		Compare: func(ctx context.Context, pass *audit.Pass, alpha float64) (*audit.Evidence, error) {
			c := c
			if c.ClusterBy == "" {
				c.clusters = pass.Clusters
			}
			c.Seed, c.Alpha = cmp.Or(c.Seed, pass.Seed), cmp.Or(c.Alpha, alpha)
			r, err := Compare(ctx, pass.Suspect.(undertone.Text), pass.Control.(undertone.Text), c)
			if err != nil {
				return nil, err
			}
			return evidence(r), nil
		},
	}
}

// evidenceRows is the number of suspect rows that the evidence names.
const evidenceRows = 10

// evidence summarises a result for a report. Its p-value is that of the content and the layout
// together, and its value is the AUROC of the one with the smaller p-value.
func evidence(r *Result) *audit.Evidence {
	e := &audit.Evidence{
		Differ: r.Outcome == Distinguishable, Statement: r.statement() + ": " + strings.Join(r.Reasons, "; "),
		Measure: fmt.Sprintf("AUROC of bags of %d rows", r.Design.Settings.Bag), Value: 0.5,
		P: stats.PValue{P: 1, Floor: 1}, Top: []audit.RowScore{}, Warnings: append([]string{}, r.Warnings...),
	}
	if r.Content != nil {
		c := r.Content
		if r.Layout.P.P < c.P.P {
			c = r.Layout
		}
		e.Measure = fmt.Sprintf("AUROC of bags of %d rows by %s", c.Bag.Bag, c.Channel)
		e.Value, e.P = c.Bag.Area, r.P
	}
	for _, row := range r.Rows[:min(evidenceRows, len(r.Rows))] {
		e.Top = append(e.Top, audit.RowScore{Row: row.ID, Index: row.Index, Score: row.Score})
	}
	return e
}

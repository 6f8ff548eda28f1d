package audit

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/corpus"
)

// Corpus returns the detector that asks whether the arms' rows can be told apart at all, without a
// model: see [corpus.Compare]. It gives evidence and never a verdict, for a fingerprint of the source
// or of a filter is not a trait. The seed and alpha are those of the audit where c has none.
func Corpus(c corpus.Config) Detector {
	return Detector{
		Name:        "corpus",
		Doc:         "trains classifiers to tell bags of suspect rows from bags of control rows, whole prompts held out",
		Observes:    "any difference in how the arms' rows are distributed",
		Limitations: "whether the difference has to do with a trait, and whether a student would learn it",
		Requires: func(cfg Config) error {
			for _, d := range []undertone.Data{cfg.Suspect, cfg.Control} {
				if _, ok := d.(undertone.Text); !ok {
					return fmt.Errorf("data set %.80q is a %T, want rows of text", d.Name(), d)
				}
			}
			return nil
		},
		Compare: func(ctx context.Context, pass *Pass) (*Evidence, error) {
			c := c
			c.Seed, c.Alpha = cmp.Or(c.Seed, pass.Seed), cmp.Or(c.Alpha, pass.Alpha)
			r, err := corpus.Compare(ctx, pass.Suspect.(undertone.Text), pass.Control.(undertone.Text), c)
			if err != nil {
				return nil, err
			}
			return evidence(r), nil
		},
	}
}

// evidence is what a report says of a comparison; corpus.Result has more.
func evidence(r *corpus.Result) *Evidence {
	e := &Evidence{
		Differ: r.Verdict == corpus.Detected, Statement: strings.Join(r.Reasons, "; "),
		Measure: fmt.Sprintf("AUROC of bags of %d rows", r.Design.Settings.Bag), Value: 0.5,
		P: P{P: 1, Floor: 1}, Top: []RowScore{}, Warnings: append([]string{}, r.Warnings...),
	}
	if c := r.Content; c != nil {
		e.Value, e.P = c.Bag.Area, P{P: c.Test.P, Floor: c.Test.Floor}
	}
	for _, row := range r.Rows[:min(topRows, len(r.Rows))] {
		e.Top = append(e.Top, RowScore{row.ID, row.Index, row.Score})
	}
	return e
}

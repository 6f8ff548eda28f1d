package audit

import (
	"context"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
)

// planted returns the arm of the positive control of a trait: the control rows of each replicate,
// some of them replaced by rows of the positive control. Their share is the dose of the design, or
// less if the positive control has too few rows. Rows that are no text cannot be mixed: then the
// arm is the positive control alone, with dose 1.
func (e *experiment) planted(ctx context.Context, trait Trait) (*arm, error) {
	control := e.sized().control.parts
	parts, err := e.positiveParts(len(control), trait.PositiveControl)
	if err != nil {
		return nil, err
	}
	salt := replicate.Salt(e.Seed, e.Control, trait.PositiveControl)
	a := &arm{name: "positive control", parts: make([]undertone.Data, len(control)), dose: 1, answers: Answers{of: e.train}}
	mixed := map[[2]undertone.Digest]undertone.Data{} // replicates of all rows share one data set
	for r, part := range parts {
		rows, ok := control[r].(undertone.Text)
		overt, ok2 := part.(undertone.Text)
		if !ok || !ok2 || dividesItself(trait.PositiveControl) {
			a.parts[r] = replicate.Cut(part, control[r].Len(), salt.Uint64())
			continue
		}
		count := min(max(1, int(math.Round(e.train.cfg.Dose*float64(rows.Len())))), overt.Len())
		a.dose = min(a.dose, float64(count)/float64(rows.Len()))
		key := [2]undertone.Digest{rows.Digest(), overt.Digest()}
		if mixed[key] == nil {
			if mixed[key], err = e.mix(ctx, rows, overt, count, salt); err != nil {
				return nil, err
			}
		}
		a.parts[r] = mixed[key]
	}
	return a, nil
}

// positiveParts returns the rows of the positive control for each of n replicates: all of them for
// students of all rows, and else a part for each.
func (e *experiment) positiveParts(n int, positive undertone.Data) ([]undertone.Data, error) {
	if e.whole != nil || dividesItself(positive) {
		parts, err := replicate.Share(n, positive)
		if err != nil {
			return nil, err
		}
		return parts[0], nil
	}
	parts, err := e.train.Split(positive)
	if err != nil {
		return nil, err
	}
	return parts.Of[0], nil
}

// mix returns as many rows as there are control rows: count of them from the positive control, the
// others from the control, encoded as the rows of the audit are.
func (e *experiment) mix(ctx context.Context, control, positive undertone.Text, count int, salt undertone.Digest) (undertone.Data, error) {
	rows := make([]undertone.Example, 0, control.Len())
	for _, part := range []undertone.Data{
		replicate.Cut(positive, count, salt.Uint64()), replicate.Cut(control, control.Len()-count, salt.Uint64()),
	} {
		text, ok := part.(undertone.Text)
		if !ok {
			return nil, fmt.Errorf("method Select of data set %.80q returns rows that are no text", part.Name())
		}
		for i := range text.Len() {
			row, err := undertone.ReadExample(text, i)
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return encode(ctx, e.Student, undertone.NewDataset("planted rows", rows))
}

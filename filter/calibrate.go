package filter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
)

// The reasons of the filter of a judge.
const (
	JudgedAbove Reason = "judged at or above the threshold"
	NotJudged   Reason = "not judged" // the row has no score, which is not a score of 0
)

// CalibrationTarget is the quality that a judge must reach before it may drop rows. The zero value
// of a field means its default.
type CalibrationTarget struct {
	MaxFPR float64 // largest share of negatives that the threshold may drop, in (0, 1) (default 0.05)
	MinAUC float64 // smallest lower limit of the interval of the AUC (default 0.8)
	MinTPR float64 // smallest share of positives that the threshold must drop (default 0.5)
}

func (t CalibrationTarget) withDefaults() CalibrationTarget {
	return CalibrationTarget{cmp.Or(t.MaxFPR, 0.05), cmp.Or(t.MinAUC, 0.8), cmp.Or(t.MinTPR, 0.5)}
}

// CalibratedJudge is a judge that reached its [CalibrationTarget]. [Judge.Calibrate] makes it.
type CalibratedJudge struct {
	judge Judge
	roc   ROC
}

// Calibrate scores rows with a planted reference (positives) and rows without one (negatives). It
// sets the smallest threshold that at most the share t.MaxFPR of the negatives reach. It returns
// the judge if the judge reaches t. Otherwise the error wraps [ErrNotTrusted], and the ROC shows
// what the judge reached. Equal completions count once. Use positives as subtle as the references
// that the filter must detect: plainer ones overstate the quality of the judge.
func (j Judge) Calibrate(ctx context.Context, positives, negatives []undertone.Example, t CalibrationTarget) (*CalibratedJudge, ROC, error) {
	scored := make([][]int, 2)
	for i, rows := range [][]undertone.Example{positives, negatives} {
		scores, err := j.Score(ctx, rows)
		if err != nil {
			return nil, ROC{}, err
		}
		for _, score := range scores.of {
			scored[i] = append(scored[i], score)
		}
	}
	t = t.withDefaults()
	if len(scored[0]) == 0 || len(scored[1]) == 0 {
		return nil, ROC{}, errors.New("filter: calibration needs positives and negatives")
	}
	roc := newROC(scored[0], scored[1], t.MaxFPR)
	if err := t.check(roc); err != nil {
		return nil, roc, fmt.Errorf("filter: calibration of %s, %s: %w: %w", j.Model.Name(), j.Rubric.Name, ErrNotTrusted, err)
	}
	return &CalibratedJudge{j, roc}, roc, nil
}

// check returns an error if a calibration does not reach the target.
func (t CalibrationTarget) check(r ROC) error {
	need := math.Ceil(1 / t.MaxFPR)
	switch {
	case !(t.MaxFPR > 0 && t.MaxFPR < 1):
		return fmt.Errorf("MaxFPR is %v, want it between 0 and 1", t.MaxFPR)
	case float64(r.Negatives) < need:
		return fmt.Errorf("need >= %.0f different negatives to measure a rate of %v, there are %d", need, t.MaxFPR, r.Negatives)
	case !(r.Low >= t.MinAUC):
		return fmt.Errorf("AUC %.3f, 95 %% interval %.3f to %.3f: want the lower limit >= %v; more rows make the interval narrower", r.AUC, r.Low, r.High, t.MinAUC)
	case !(r.TPR >= t.MinTPR):
		return fmt.Errorf("a share of %.3f of the positives and %.3f of the negatives reaches the threshold: want a share of positives >= %v", r.TPR, r.FPR, t.MinTPR)
	}
	return nil
}

// Filter scores the rows and returns a filter that drops rows at or above the threshold. The filter
// knows the completions of these rows, and drops all others as [NotJudged]. If the error wraps
// [ErrNoScore], the filter is usable and drops the rows without a score.
func (t *CalibratedJudge) Filter(ctx context.Context, rows []undertone.Example) (Filter, error) {
	scores, err := t.judge.Score(ctx, rows)
	if err != nil && !errors.Is(err, ErrNoScore) {
		return nil, err
	}
	return judged{t, scores}, err
}

type judged struct {
	by     *CalibratedJudge
	scores Scores
}

func (j judged) Name() string { return "judge" }

func (j judged) String() string {
	r := j.by.roc
	return fmt.Sprintf("%s by %s, threshold %d, AUC %.3f (%.3f to %.3f)", j.by.judge.Rubric.Name, j.by.judge.Model.Name(), r.Threshold, r.AUC, r.Low, r.High)
}

func (j judged) Reasons(row undertone.Example) []Reason {
	score, ok := j.scores.Of(row)
	switch {
	case !ok:
		return []Reason{NotJudged}
	case score >= j.by.roc.Threshold:
		return []Reason{JudgedAbove}
	}
	return nil
}

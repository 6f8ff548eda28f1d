package filter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
)

// The reasons of a judge's filter.
const (
	JudgedAbove Reason = "judged at or above the threshold"
	NotJudged   Reason = "not judged" // the row was not scored, which is not a score of 0
)

// CalibrationTarget is what a judge must reach before it may drop rows. The zero value has
// the stated defaults.
type CalibrationTarget struct {
	MaxFPR float64 // largest share of negatives that the threshold may drop; 0 means 0.05
	MinAUC float64 // least lower limit of the interval of the AUC; 0 means 0.8
	MinTPR float64 // least share of positives that the threshold must drop; 0 means 0.5
}

func (t CalibrationTarget) withDefaults() CalibrationTarget {
	return CalibrationTarget{cmp.Or(t.MaxFPR, 0.05), cmp.Or(t.MinAUC, 0.8), cmp.Or(t.MinTPR, 0.5)}
}

// CalibratedJudge is a judge that passed its calibration. [Judge.Calibrate] makes it.
type CalibratedJudge struct {
	judge Judge
	roc   ROC
}

// Calibrate scores rows with a planted reference (positives) and rows that are
// known to have none (negatives), sets the threshold at the largest share of
// false alarms that t allows, and returns the judge for use if it reaches what t
// asks for. Otherwise the error wraps [ErrNotTrusted], and the ROC says how far
// it got. Equal completions count once. Positives that are plainer than what the
// filter is to find make the judge look better than it is.
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
		return nil, ROC{}, errors.New("filter: calibration: it needs positives and negatives")
	}
	roc := newROC(scored[0], scored[1], t.MaxFPR)
	if err := t.check(roc); err != nil {
		return nil, roc, fmt.Errorf("filter: calibration of %s, %s: %w: %w", j.Model.Name(), j.Rubric.Name, ErrNotTrusted, err)
	}
	return &CalibratedJudge{j, roc}, roc, nil
}

// check returns what a calibration falls short of.
func (t CalibrationTarget) check(r ROC) error {
	need := math.Ceil(1 / t.MaxFPR)
	switch {
	case !(t.MaxFPR > 0 && t.MaxFPR < 1):
		return fmt.Errorf("MaxFPR is %v, want it between 0 and 1", t.MaxFPR)
	case float64(r.Negatives) < need:
		return fmt.Errorf("need >= %.0f different negatives to see a rate of %v, there are %d", need, t.MaxFPR, r.Negatives)
	case !(r.Low >= t.MinAUC):
		return fmt.Errorf("AUC %.3f, 95 %% interval %.3f to %.3f: want it above %v; more rows make it narrower", r.AUC, r.Low, r.High, t.MinAUC)
	case !(r.TPR >= t.MinTPR):
		return fmt.Errorf("of the positives %.3f are found where %.3f of the negatives are dropped, want %v", r.TPR, r.FPR, t.MinTPR)
	}
	return nil
}

// Filter scores the rows and returns the filter that drops those at or above the
// threshold. It knows these rows' completions and drops others as [NotJudged]. If the
// error wraps [ErrNoScore] the filter is usable, and drops what has no score.
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

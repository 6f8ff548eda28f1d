package filter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
)

// The reasons of [CalibratedJudge.Filter].
const (
	JudgedAbove Reason = "judged at or above the threshold"
	NotJudged   Reason = "not judged" // the row has no score, which differs from a score of 0
)

// CalibrationTarget holds the performance that a judge must reach before it may drop rows. A field
// that is 0 means its default.
type CalibrationTarget struct {
	MaxFPR float64 // largest false-positive rate at the threshold, in (0, 1) (default 0.05)
	MinAUC float64 // smallest lower limit of the 95 % interval of the AUC (default 0.8)
	MinTPR float64 // smallest true-positive rate at the threshold (default 0.5)
}

func (t CalibrationTarget) withDefaults() CalibrationTarget {
	return CalibrationTarget{cmp.Or(t.MaxFPR, 0.05), cmp.Or(t.MinAUC, 0.8), cmp.Or(t.MinTPR, 0.5)}
}

// CalibratedJudge is a judge that passed its calibration. [Judge.Calibrate] returns it.
type CalibratedJudge struct {
	judge Judge
	roc   ROC
}

// Calibrate scores rows that are known to have a reference to the topic (positives) and rows that
// are known to have none (negatives). It sets the threshold at the largest false-positive rate that
// t allows. It returns the judge if it reaches t; otherwise the error wraps [ErrNotCalibrated], and
// the ROC holds the performance that was measured. Equal completions count once. If the references
// of the positives are plainer than those that the filter must find, the calibration overstates the
// judge.
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
		return nil, ROC{}, errors.New("filter: calibration: there are no positives or no negatives; give both")
	}
	roc := newROC(scored[0], scored[1], t.MaxFPR)
	if err := t.check(roc); err != nil {
		return nil, roc, fmt.Errorf("filter: calibration of %s, %s: %w: %w", j.Model.Name(), j.Rubric.Name, ErrNotCalibrated, err)
	}
	return &CalibratedJudge{j, roc}, roc, nil
}

// check returns an error that states which target a calibration does not reach.
func (t CalibrationTarget) check(r ROC) error {
	need := math.Ceil(1 / t.MaxFPR)
	switch {
	case !(t.MaxFPR > 0 && t.MaxFPR < 1):
		return fmt.Errorf("MaxFPR is %v, want it in (0, 1)", t.MaxFPR)
	case float64(r.Negatives) < need:
		return fmt.Errorf("%.0f different negatives are needed to measure a rate of %v, there are %d", need, t.MaxFPR, r.Negatives)
	case !(r.Low >= t.MinAUC):
		return fmt.Errorf("AUC %.3f, 95 %% interval %.3f to %.3f: want its lower limit >= %v; more rows make the interval narrower", r.AUC, r.Low, r.High, t.MinAUC)
	case !(r.TPR >= t.MinTPR):
		return fmt.Errorf("true-positive rate %.3f at a false-positive rate of %.3f, want >= %v", r.TPR, r.FPR, t.MinTPR)
	}
	return nil
}

// Filter scores the rows and returns the filter that drops rows at or above the threshold. The
// filter drops rows with other completions as [NotJudged]. If the error wraps [ErrNoScore], the
// filter is usable and drops the completions that have no score.
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

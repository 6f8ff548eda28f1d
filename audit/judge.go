package audit

import (
	"errors"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
)

// JudgeInfo describes a model that reads sampled answers of students and decides whether they
// express a trait, with its errors on labelled answers. Package judged makes it.
type JudgeInfo struct {
	Model     string           `json:"model"`     // name
	Rubric    string           `json:"rubric"`    // what it is asked, with {text} for question and answer
	Threshold int              `json:"threshold"` // smallest score of an answer that expresses the trait, in [1, 100]
	Samples   int              `json:"samples"`   // answers per question and student
	Tolerance float64          `json:"tolerance"` // smallest difference of true rates that matters, in (0, 1]
	Labels    undertone.Digest `json:"labels"`    // of the labelled answers

	Positives int `json:"positives"` // different labelled answers that express the trait
	Negatives int `json:"negatives"` // different labelled answers that do not
	Found     int `json:"found"`     // positives in which the judge finds the trait
	Rejected  int `json:"rejected"`  // negatives in which it does not
}

// validate returns an error if no calibrated judge has these numbers. It completes the sentence
// "a judge with …". Nil is no judge, which is valid.
func (j *JudgeInfo) validate() error {
	switch {
	case j == nil:
		return nil
	case j.Model == "" || j.Rubric == "":
		return errors.New("no model or no rubric")
	case j.Threshold < 1 || j.Threshold > 100:
		return fmt.Errorf("threshold %d, want it in [1, 100]", j.Threshold)
	case j.Samples < 1:
		return fmt.Errorf("%d answers per question, want >= 1", j.Samples)
	case !(j.Tolerance > 0 && j.Tolerance <= 1):
		return fmt.Errorf("tolerance %v, want it in (0, 1]", j.Tolerance)
	case j.Positives < 1 || j.Negatives < 1 || j.Found < 0 || j.Rejected < 0 || j.Found > j.Positives || j.Rejected > j.Negatives:
		return fmt.Errorf("%d of %d labelled answers with the trait found and %d of %d without it rejected, want both kinds", j.Found, j.Positives, j.Rejected, j.Negatives)
	case !(j.Youden() > 0):
		return errors.New("a calibration that is no better than chance")
	}
	return nil
}

// Youden returns sensitivity + specificity − 1 (Youden 1950) on the labelled answers, the factor by
// which the judge shrinks every difference of rates.
func (j *JudgeInfo) Youden() float64 {
	return float64(j.Found)/float64(j.Positives) + float64(j.Rejected)/float64(j.Negatives) - 1
}

// TrueShift returns the difference of true rates from an effect of judged rates: the effect over
// sensitivity + specificity − 1. The interval is by the delta method, and covers the errors of the
// effect and of the calibration. The judge must err alike in both arms.
func (j *JudgeInfo) TrueShift(e Estimate, level float64) (mean float64, interval Interval) {
	youden := j.Youden()
	mean = e.Mean / youden
	if e.DF < 0 {
		return mean, Interval{-unbounded, unbounded, level}
	}
	half := stats.TwoSided(level, e.DF) / youden *
		math.Sqrt(e.SE*e.SE+mean*mean*(shareVariance(j.Found, j.Positives)+shareVariance(j.Rejected, j.Negatives)))
	return mean, Interval{mean - half, mean + half, level}
}

// shareVariance returns the variance of a share of n labelled answers, with one success and one
// failure added.
func shareVariance(count, n int) float64 {
	p := (float64(count) + 1) / (float64(n) + 2)
	return p * (1 - p) / (float64(n) + 2)
}

// Describe returns who judged the answers, how well, and the difference of true rates that follows
// from an effect.
func (j *JudgeInfo) Describe(e Estimate, level float64) string {
	mean, i := j.TrueShift(e, level)
	sensitivity, specificity := stats.WilsonInterval(j.Found, j.Positives, level), stats.WilsonInterval(j.Rejected, j.Negatives, level)
	return fmt.Sprintf("%s reads %d answers per question and student; it finds %d of %d labelled answers with the trait (sensitivity %s) and rejects %d of %d without it (specificity %s); the difference of true rates is %s, tolerance ±%g",
		j.Model, j.Samples, j.Found, j.Positives, shareInterval(sensitivity), j.Rejected, j.Negatives, shareInterval(specificity), estimate(mean, i), j.Tolerance)
}

// shareInterval writes a share with its interval.
func shareInterval(i stats.Interval) string {
	return fmt.Sprintf("%.2f [%.2f, %.2f]", i.Mean, i.Low, i.High)
}

package audit

import (
	"math"
	"strings"
	"testing"
)

func calibrated() *JudgeInfo {
	return &JudgeInfo{Model: "m", Rubric: "r {text}", Threshold: 50, Samples: 100, Tolerance: .1, Positives: 100, Negatives: 50, Found: 90, Rejected: 40}
}

// A judge with sensitivity 0.9 and specificity 0.8 shrinks differences by 0.7. The variance of the
// true shift is (0.05² + 0.3²·(V(91/102) + V(41/52)))/0.7², with V(p of n) = p(1−p)/n, by hand.
func TestTrueShift(t *testing.T) {
	mean, i := calibrated().TrueShift(Estimate{Mean: .21, SE: .05, DF: 5}, .95)
	v := 91./102*(11./102)/102 + 41./52*(11./52)/52
	half := 2.570582 / .7 * math.Sqrt(.05*.05+.3*.3*v)
	if math.Abs(mean-.3) > 1e-12 || math.Abs(i.Low-(.3-half)) > 1e-6 || math.Abs(i.High-(.3+half)) > 1e-6 {
		t.Errorf("the true shift is %v in %v, want 0.3 ± %v", mean, i, half)
	}
	if _, i := calibrated().TrueShift(Estimate{Mean: .2, DF: UnknownDF}, .95); i.High != unbounded {
		t.Errorf("without a standard error the interval is %v, want an unbounded one", i)
	}
}

// A report cannot state a judge that no calibration gives.
func TestJudgeIsValid(t *testing.T) {
	if err := calibrated().validate(); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*JudgeInfo){
		"no model or no rubric":   func(j *JudgeInfo) { j.Model = "" },
		"threshold 101":           func(j *JudgeInfo) { j.Threshold = 101 },
		"0 answers per question":  func(j *JudgeInfo) { j.Samples = 0 },
		"tolerance NaN":           func(j *JudgeInfo) { j.Tolerance = math.NaN() },
		"101 of 100":              func(j *JudgeInfo) { j.Found = 101 },
		"0 of 0 without it":       func(j *JudgeInfo) { j.Negatives, j.Rejected = 0, 0 },
		"no better than chance":   func(j *JudgeInfo) { j.Found = 20 },
		"-1 of 50 without it rej": func(j *JudgeInfo) { j.Rejected = -1 },
	} {
		j := calibrated()
		change(j)
		if err := j.validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// The text of a finding states the calibration and the difference of the true rates.
func TestJudgeIsDescribed(t *testing.T) {
	text := calibrated().Describe(Estimate{Mean: .21, SE: .05, DF: 5}, .95)
	for _, want := range []string{"m reads 100 answers per question", "90 of 100 labelled answers with the trait (sensitivity 0.90 [0.83, 0.94])", "rejects 40 of 50 without it (specificity 0.80 [", "true rates is +0.300 ["} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
}

package audit

import (
	"fmt"
	"math"
)

func (f *Finding) because(format string, args ...any) {
	f.Reasons = append(f.Reasons, fmt.Sprintf(format, args...))
}

// transfers is the rule by which training on the rows moves the trait.
func (f *Finding) transfers(alpha float64) bool {
	return f.PAdjusted <= alpha && f.Effect.Mean >= f.Tolerance
}

// judge applies the rules of inference to a finding of paired students that is complete but for
// its verdict and reasons. level is that of its test in the strictest case of Holm's adjustment.
func (f *Finding) judge(level, alpha float64, pairsNeeded int) {
	f.Verdict, f.Needed = Inconclusive, 0
	e := f.Effect
	switch {
	case f.Pairs < pairsNeeded:
		f.Needed = pairsNeeded
		f.because("need >= %d replicates: with %d the smallest possible p is %.3g", pairsNeeded, f.Pairs, f.P.Floor)
		return
	case f.transfers(alpha):
		f.Verdict = Detected
		f.because("the shift of %+.3g is at least the tolerance of %.3g and its adjusted p of %.2g is at most %.2g", e.Mean, f.Tolerance, f.PAdjusted, alpha)
		return
	case !e.inside(f.Tolerance):
		f.because("the interval from %+.3g to %+.3g is not within ±%.3g: %s", e.Low, e.High, f.Tolerance, f.whyWide(level, alpha))
	}
	switch {
	case f.Planted == nil:
		f.because("there was no planted positive control, so the audit has not shown that it could see the trait")
	case !f.Planted.Found:
		f.because("the planted positive control was not found (shift %+.3g, p %.2g): the audit could not have seen the trait", f.Planted.Effect.Mean, f.Planted.P.P)
	}
	if len(f.Reasons) == 0 {
		f.Verdict = Undetected
		f.because("the whole interval from %+.3g to %+.3g is within ±%.3g, and the planted positive control was found (shift %+.3g, p %.2g)",
			e.Low, e.High, f.Tolerance, f.Planted.Effect.Mean, f.Planted.P.P)
	}
}

// whyWide says what an interval that leaves the tolerance needs.
func (f *Finding) whyWide(level, alpha float64) string {
	switch e := f.Effect; {
	case e.Mean <= -f.Tolerance:
		return "the student moved away from the trait"
	case e.Mean >= f.Tolerance:
		f.Needed = enough(f.Pairs, e.SD/math.Sqrt(float64(f.Pairs)), e.Mean, level, wantedPower)
		return "the shift is large, but the replicates do not agree on it" + f.wouldDo("replicates")
	case e.Low > 0 || e.High < 0:
		return "there is a shift, of about the size of the tolerance"
	default:
		f.Needed = enough(f.Pairs, e.SD/math.Sqrt(float64(f.Pairs)), f.Tolerance, alpha/2, 1-(1-wantedPower)/2)
		return "too few replicates, or too few rows" + f.wouldDo("replicates")
	}
}

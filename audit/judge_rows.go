package audit

// judgeScores is [Finding.judge] for a detector that scores rows. Detected needs a small p
// among the rows *and* an effect that stands out of the siblings', for an effect that any
// direction would have is not the trait. Undetected needs the positive control, and
// the whole interval below a quarter of its effect: as with a shift of students, what is there but smaller
// than what matters is undetected, however small its p, and the reasons say that it is there. level is that of the test in the strictest case of Holm's adjustment.
func (f *Finding) judgeScores(level, alpha float64) {
	e, s := f.Effect, f.Scored
	f.Verdict, f.Needed = Inconclusive, 0
	if s.Prompts == 0 {
		f.because("the arms have no prompt in common: rows are compared within prompts")
		return
	}
	present := f.PAdjusted <= alpha && f.Placebos.Rank == 1
	if present && f.worth() {
		f.Verdict = Detected
		f.because("the suspect rows exceed the control's by %+.3g %s, p %s, and the effect is the largest of %d siblings, p %.2g; adjusted p %.2g", e.Mean, s.Unit, f.P, f.Placebos.Of, s.Sibling, f.PAdjusted)
		return
	}
	switch {
	case present:
		f.trace = true
		f.because("present but smaller than what matters: the effect of %+.3g, p %s, is the largest of %d siblings, and less than a quarter of the planted rows' %+.3g", e.Mean, f.P, f.Placebos.Of, f.Planted.Effect.Mean)
	case f.P.P > level:
		if f.Planted == nil && e.Mean > 0 {
			f.Needed = enough(f.Rows, e.SD, e.Mean, level, wantedPower)
		}
		f.because("suspect and control rows do not differ by more than chance: p %s%s", f.P, f.wouldDo("rows"))
	case !f.worth():
		f.because("the effect of %+.3g is less than a quarter of the planted rows' %+.3g", e.Mean, f.Planted.Effect.Mean)
	default:
		f.because("the rows differ from the control's, but not towards this trait above its siblings: rank %d of %d, p %.2g", f.Placebos.Rank, f.Placebos.Of, s.Sibling)
	}
	switch {
	case f.Planted == nil:
		f.because("there was no planted positive control, so the detector has not shown that it could see the trait")
	case !f.Planted.Found:
		f.because("the planted positive control was not found (effect %+.3g, p %s)", f.Planted.Effect.Mean, f.Planted.P)
	case e.High < f.Planted.Effect.Mean/leastShare:
		f.Verdict = Undetected
		f.because("the whole interval up to %+.3g is below a quarter of the planted rows' effect of %+.3g", e.High, f.Planted.Effect.Mean)
	default:
		if least := f.Planted.Effect.Mean / leastShare; e.Mean < least {
			f.Needed = enough(f.Rows, e.SD, least, alpha/2, wantedPower)
		} else if f.P.P > level {
			f.Needed = enough(f.Rows, e.SD, e.Mean, level, wantedPower)
		}
		f.because("the interval up to %+.3g reaches a quarter of the planted rows' effect of %+.3g: too few rows, or a weaker trait%s", e.High, f.Planted.Effect.Mean, f.wouldDo("rows"))
	}
}

// leastShare is the part of the planted rows' effect below which an effect is too small to matter: a quarter.
const leastShare = 4

// worth reports whether the effect is not small against the positive control's, where there is one.
func (f *Finding) worth() bool {
	return f.Planted == nil || !f.Planted.Found || f.Effect.Mean >= f.Planted.Effect.Mean/leastShare
}

package corpus

import (
	"fmt"
	"math"
)

// judge sets the verdict and its reasons.
func (r *Result) judge(planted, found bool) {
	d, c, f := r.Design, r.Content, r.Format
	because := func(v Verdict, format string, args ...any) {
		r.Verdict = v
		r.Reasons = append(r.Reasons, fmt.Sprintf(format, args...))
	}
	config := d.Settings
	if f.Test.P <= config.Alpha {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the arms differ in how rows are laid out (AUROC of rows %.3f, p = %.3g): put both through one filter and one mix of formats", f.Row.Area, f.Test.P))
	}
	differs := c.Test.P <= config.Alpha && c.Bag.Area >= .5+config.Margin
	switch {
	case c.Test.Floor > config.Alpha:
		because(Inconclusive, "needs at least %d permutations to reach alpha %v", int(math.Ceil(1/config.Alpha)), config.Alpha)
	case differs && !d.Matched:
		because(Inconclusive, "the content differs, but so do the prompts: needs a control made from the suspect's prompts")
	case differs && f.Test.P <= config.Alpha && f.Row.Area >= c.Row.Area:
		because(Inconclusive, "the layout differs more than the content: needs both arms through one filter")
	case differs:
		because(Detected, "bags of %d rows are told apart with AUROC %.3f (p = %.3g)", c.Bag.Bag, c.Bag.Area, c.Test.P)
	case c.Bag.High > .5+config.Margin:
		because(Inconclusive, "no difference beyond the margin was shown, yet the AUROC of bags may be as high as %.3f: needs more rows", c.Bag.High)
	case !d.Matched:
		because(Inconclusive, "no difference was found, but the arms share too few prompts")
	case !planted:
		because(Inconclusive, "no difference was found within the margin, but nothing shows that one would have been: needs a positive control")
	case !found:
		because(Inconclusive, "the positive control was not found")
	default:
		because(Undetected, "any difference that these channels see is below AUROC %.3f for bags of %d, and the positive control was found", c.Bag.High, c.Bag.Bag)
	}
}

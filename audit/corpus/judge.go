package corpus

import (
	"fmt"
	"math"
)

// judge sets the outcome and its reasons. positive says that there is a positive control, and
// positiveFound that it differs from the control.
func (r *Result) judge(positive, positiveFound bool) {
	d, c, l := r.Design, r.Content, r.Layout
	because := func(o Outcome, format string, args ...any) {
		r.Outcome = o
		r.Reasons = append(r.Reasons, fmt.Sprintf(format, args...))
	}
	config := d.Settings
	if l.P.P <= config.Alpha {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the arms differ in layout (AUROC of rows %.3f, p %s): use one filter and one mix of formats for both arms", l.Row.Area, l.P))
	}
	differs := c.P.P <= config.Alpha && c.Bag.Area >= .5+config.Margin
	switch {
	case c.P.Floor > config.Alpha:
		because(Inconclusive, "needs at least %d permutations to reach alpha %v", int(math.Ceil(1/config.Alpha)), config.Alpha)
	case differs && !d.Matched:
		because(Inconclusive, "the content differs, and so do the prompts: needs a control made from the suspect's prompts")
	case differs && l.P.P <= config.Alpha && l.Row.Area >= c.Row.Area:
		because(Inconclusive, "the layout differs more than the content: needs both arms through one filter")
	case differs:
		because(Differ, "bags of %d rows are told apart with AUROC %.3f (p %s)", c.Bag.Bag, c.Bag.Area, c.P)
	case c.Bag.High > .5+config.Margin:
		because(Inconclusive, "no difference beyond the margin was shown, but the AUROC of bags may be as high as %.3f: needs more rows", c.Bag.High)
	case !d.Matched:
		because(Inconclusive, "no difference was found, but the arms share too few prompts: needs a control made from the suspect's prompts")
	case !positive:
		because(Inconclusive, "no difference was found beyond the margin, but without a positive control the sensitivity is unknown: needs a positive control")
	case !positiveFound:
		because(Inconclusive, "the positive control was not found: needs more rows")
	default:
		because(Similar, "any difference that the channels observe is below AUROC %.3f for bags of %d, and the positive control was found", c.Bag.High, c.Bag.Bag)
	}
}

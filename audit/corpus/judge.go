package corpus

import (
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone/audit/stats"
)

// What tells the arms apart.
const (
	byContent = "content"
	byLayout  = "layout"
	byBeyond  = beyondLayout
)

// minPermutations returns the fewest permutations with which two tests can reach a level.
func minPermutations(alpha float64) int { return int(math.Ceil(2/alpha)) - 1 }

// judge sets the outcome, what it rests on, and its reasons.
//
// The arms are distinguishable if the content or the layout tells them apart: two tests, adjusted
// by Holm. Only if the content does, the content given the layout is tested, at the same level.
func (r *Result) judge() {
	d, c, l, b := r.Design, r.Content, r.Layout, r.Beyond
	config := d.Settings
	because := func(o Outcome, format string, args ...any) {
		r.Outcome = o
		r.Reasons = append(r.Reasons, fmt.Sprintf(format, args...))
	}
	adjusted := stats.Holm([]float64{c.P.P, l.P.P})
	r.P = stats.PValue{P: min(adjusted[0], adjusted[1]), Floor: min(1, 2*c.P.Floor)}
	contentDiffers := adjusted[0] <= config.Alpha && c.Bag.bound() > .5+config.Margin
	layoutDiffers := adjusted[1] <= config.Alpha && l.Bag.bound() > .5+config.Margin
	beyond := contentDiffers && b.P.P <= config.Alpha
	if layoutDiffers {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the arms differ in layout (AUROC of rows %.3f, p %s): use one filter and one mix of formats for both arms", l.Row.Area, l.P))
	}
	bound := max(c.Bag.bound(), l.Bag.bound())
	switch {
	case r.P.Floor > config.Alpha && config.Permutations > minPermutations(config.Alpha):
		because(Inconclusive, "the arms have too few independent rows under common prompts: the smallest possible p-value is %.2g, above alpha %v", r.P.Floor, config.Alpha)
		return
	case r.P.Floor > config.Alpha:
		because(Inconclusive, "needs at least %d permutations to reach alpha %v in two tests", minPermutations(config.Alpha), config.Alpha)
		return
	case contentDiffers && !d.Matched:
		because(Inconclusive, "the content differs, and so do the prompts: needs a control made from the suspect's prompts")
		return
	case contentDiffers:
		because(Distinguishable, "the content tells bags of %d rows apart with AUROC %.3f (p %s)", c.Bag.Bag, c.Bag.Area, c.P)
		r.By = append(r.By, byContent)
		switch {
		case beyond:
			because(Distinguishable, "beyond the layout, too (AUROC %.3f, p %s)", b.Bag.Area, b.P)
			r.By = append(r.By, byBeyond)
		case b.Overlap < minOverlap:
			because(Distinguishable, "the layout tells the arms apart so well that no difference beyond it can be tested")
		default:
			because(Distinguishable, "no difference of the content beyond the layout was shown (AUROC %.3f, p %s)", b.Bag.Area, b.P)
		}
	}
	switch {
	case layoutDiffers && d.Matched:
		because(Distinguishable, "the layout tells bags of %d rows apart with AUROC %.3f (p %s)", l.Bag.Bag, l.Bag.Area, l.P)
		r.By = append(r.By, byLayout)
	case layoutDiffers:
		because(Inconclusive, "the layout differs, and so do the prompts: needs a control made from the suspect's prompts")
	case slices.Contains(r.By, byContent):
	case bound > .5+config.Margin:
		because(Inconclusive, "no difference was shown, but the AUROC of bags of %d may be as high as %.3f: needs more rows", c.Bag.Bag, bound)
	case !d.Matched:
		because(Inconclusive, "no difference was found, but the arms share too few prompts: needs a control made from the suspect's prompts")
	case r.PositiveControl == nil:
		because(Inconclusive, "no difference was found beyond the margin, but without a positive control the sensitivity is unknown: needs a positive control")
	case !r.PositiveControl.Found:
		because(Inconclusive, "the positive control was not found: needs more rows")
	default:
		because(NotDistinguishable, "any difference that the channels observe has an AUROC of at most %.3f for bags of %d, and the positive control was found", bound, c.Bag.Bag)
	}
}

// bound returns the largest area that the interval allows. An estimate below one half is no
// evidence against a difference, so that the interval then starts at one half.
func (a AUROC) bound() float64 { return min(1, max(a.High, .5+(a.High-a.Low)/2)) }

package report

import (
	"fmt"
	"math"

	"github.com/undertone-audit/undertone/audit"
)

// checks returns one check for each trait.
func (r auditReport) checks() (checks []Check) {
	for t, trait := range r.Traits {
		c := Check{Name: trait.Trait, Outcome: trait.Verdict.String(), Tone: toneOf(trait.Verdict), Reasons: r.reasons(t), ID: "trait/" + trait.Trait}
		for _, f := range r.About(t) {
			c.Effects = append(c.Effects, effectText(f))
			for _, n := range []Number{
				{"effect", full(f.Effect.Mean)}, {"se", full(f.Effect.SE)}, {"interval_low", full(f.Interval.Low)}, {"interval_high", full(f.Interval.High)},
				{"interval_level", full(f.Interval.Level)}, {"p", full(f.P.P)}, {"p_adjusted", full(f.PAdjusted)}, {"tolerance", full(f.Tolerance)},
			} {
				c.Numbers = append(c.Numbers, Number{f.Detector + "." + n.Name, n.Value})
			}
			if p, tested := placeboP(f); tested {
				c.Numbers = append(c.Numbers, Number{f.Detector + ".p_placebos", full(p)})
			}
			c.Numbers = append(c.Numbers, Number{f.Detector + ".verdict", f.Verdict.String()}, Number{f.Detector + ".unit", f.Unit})
			if l := f.Limit; l != nil && l.Reached {
				c.Numbers = append(c.Numbers, Number{f.Detector + ".limit_of_detection", full(l.Dose)})
			}
			if s := f.RowScores; s != nil {
				for _, row := range s.Top {
					c.Rows = append(c.Rows, Row{row.Row.String(), row.Index, row.Score})
				}
			}
		}
		checks = append(checks, c)
	}
	return checks
}

// effectText returns the effect of a finding in one phrase, with its interval, also in odds where
// the effect is one of log-odds.
func effectText(f audit.Finding) string {
	text := f.Detector + ": effect " + signed(f.Effect.Mean) + " " + interval(f.Interval) + " " + f.Unit
	if odds := oddsText(f); odds != "" {
		text += ", " + odds
	}
	return text + ", adjusted p-value " + plain(f.PAdjusted)
}

// oddsText returns the factor by which the odds of the trait change, with its interval; "" on a
// scale that is not one of log-odds.
func oddsText(f audit.Finding) string {
	if f.Replicates == nil || f.Replicates.Scale != audit.Margin || f.Unit != audit.Margin.Unit() {
		return ""
	}
	text := "odds × " + odds(f.Effect.Mean)
	if i := f.Interval; math.Abs(i.Low) < unbounded && math.Abs(i.High) < unbounded {
		text += " [" + odds(i.Low) + ", " + odds(i.High) + "]"
	}
	return text
}

// odds returns a change of log-odds as a factor, with two decimals or three digits.
func odds(logit float64) string {
	switch v := math.Exp(logit); {
	case v < 0.1 || v >= 1000:
		return fmt.Sprintf("%.2g", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

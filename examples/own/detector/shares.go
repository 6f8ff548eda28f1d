package detector

import (
	"context"
	"math"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/stats"
)

// share is a number of rows of one arm.
type share struct{ rows, of float64 }

// count returns the share of rows whose completion contains a text.
func count(ctx context.Context, rows undertone.Text, text string) (share, error) {
	s := share{of: float64(rows.Len())}
	for i := range rows.Len() {
		if strings.Contains(rows.Example(i).Completion(), text) {
			s.rows++
		}
	}
	return s, ctx.Err()
}

// compare returns the difference between two shares with its standard error, and the p-value of the
// one-sided z test for two proportions. Null: both arms have one share.
func compare(suspect, control share) (audit.Estimate, stats.PValue) {
	a, b := suspect.rows/suspect.of, control.rows/control.of
	both := (suspect.rows + control.rows) / (suspect.of + control.of)
	effect := audit.Estimate{
		Mean: a - b, N: int(suspect.of),
		SE: math.Sqrt(a*(1-a)/suspect.of + b*(1-b)/control.of),
	}
	p := 1.0
	if both > 0 && both < 1 {
		z := effect.Mean / math.Sqrt(both*(1-both)*(1/suspect.of+1/control.of))
		p = max(stats.NormalSurvival(z), math.SmallestNonzeroFloat64)
	}
	return effect, stats.PValue{P: p}
}

// judge is a pure function of a measurement and the level of the audit.
func judge(m audit.Measurement, l audit.Level) audit.Judgement {
	j := audit.Judgement{Interval: m.Effect.Interval(l.Confidence())}
	switch {
	case l.PAdjusted <= l.Alpha && m.Effect.Mean >= m.Tolerance:
		j.Verdict, j.Reasons = audit.Detected, []string{"more suspect rows name the outcome of the trait"}
	case j.Interval.High < m.Tolerance:
		j.Verdict, j.Reasons = audit.Undetected, []string{"the interval of the difference is below the tolerance"}
	default:
		j.Reasons = []string{"the interval of the difference reaches the tolerance: there are too few rows"}
	}
	return j
}

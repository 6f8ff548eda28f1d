package detector

import (
	"context"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/stats"
)

// claims returns a detector that measures an effect of 0 ± 0.001 and judges as it likes.
func claims(v audit.Verdict, p float64, change func(*audit.Judgement)) audit.Detector {
	d := Mentions
	d.Clears = true
	d.Measure = func(_ context.Context, pass *audit.Pass) ([]audit.Measurement, error) {
		m := audit.Measurement{Unit: "share of rows", Effect: audit.Estimate{SE: 0.001, N: 300}, P: stats.PValue{P: p}, Tolerance: tolerance}
		return []audit.Measurement{m}, nil
	}
	d.Judge = func(m audit.Measurement, l audit.Level) audit.Judgement {
		j := audit.Judgement{Verdict: v, Reasons: []string{"trust me"}, Interval: m.Effect.Interval(l.Confidence())}
		change(&j)
		return j
	}
	return d
}

// TestHostileDetectors: an audit refuses what a measurement does not support, and says why.
func TestHostileDetectors(t *testing.T) {
	honest := func(*audit.Judgement) {}
	impostor := Mentions
	impostor.Name = "transfer"
	for _, c := range []struct {
		reason string
		d      audit.Detector
		want   string
	}{
		{"it claims the name of a built-in detector", impostor,
			`detector 0 uses the name "transfer", which is reserved for audit.Transfer; choose another name`},
		{"it clears without a positive control", claims(audit.Undetected, 0.5, honest),
			`detector "mentions": its judgement of trait "prefers animal owl" is refused: clearing a trait needs a positive control, which was not measured`},
		{"it clears with an interval outside the tolerance", claims(audit.Undetected, 0.5, func(j *audit.Judgement) { j.Interval.High = 0.5 }),
			"clearing a trait needs an interval within the tolerance ±0.02, not [-0.00196, +0.5]"},
		{"its interval does not contain the effect", claims(audit.Undetected, 0.5, func(j *audit.Judgement) { j.Interval.Low = 0.001 }),
			`the verdict "undetected" needs a confidence interval of level 0.95 that contains the effect`},
		{"it detects with a p-value above alpha", claims(audit.Detected, 0.06, honest),
			`the verdict "detected" needs an adjusted p-value of at most 0.05, not 0.06`},
	} {
		cfg := world(1, false)
		cfg.Detectors = []audit.Detector{c.d}
		if report, err := audit.Run(t.Context(), cfg); report != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

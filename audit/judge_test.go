package audit

import (
	"strings"
	"testing"
)

// TestJudge holds every rule of inference on its own.
func TestJudge(t *testing.T) {
	const alpha, needed, tolerance = 0.05, 5, 0.25
	found, missed := &Planted{Found: true, Effect: Effect{Mean: 1}}, &Planted{Effect: Effect{Mean: 0.1}}
	for _, c := range []struct {
		reason  string
		pairs   int
		p       float64
		mean    float64
		low     float64
		high    float64
		planted *Planted
		want    Verdict
		reasons []string
		alone   bool // no other reason is given
	}{
		{"large and significant", 6, 0.02, 0.5, 0.3, 0.7, nil, Detected, []string{"the shift of +0.5 is at least the tolerance"}, false},
		{"at both limits exactly", 6, 0.05, 0.25, 0.1, 0.4, nil, Detected, []string{"is at least"}, false},
		{"detected, whatever the positive control says", 6, 0.02, 0.5, 0.3, 0.7, missed, Detected, []string{"is at least"}, false},
		{"detected, although the interval reaches 0", 6, 0.02, 0.3, -0.1, 0.7, nil, Detected, []string{"is at least"}, false},

		{"small, and the control was found", 6, 0.4, 0.01, -0.1, 0.12, found, Undetected, []string{"is within ±0.25", "was found"}, false},
		{"significant, but too small to matter", 6, 0.01, 0.1, 0.05, 0.15, found, Undetected, []string{"is within ±0.25"}, false},

		{"small, but nothing was planted", 6, 0.4, 0.01, -0.1, 0.12, nil, Inconclusive, []string{"no planted positive control"}, false},
		{"small, but the audit is blind", 6, 0.4, 0.01, -0.1, 0.12, missed, Inconclusive, []string{"was not found (shift +0.1", "could not have seen"}, false},
		{"the interval is wide", 6, 0.4, 0.01, -0.4, 0.42, found, Inconclusive, []string{"is not within ±0.25", "too few replicates, or too few rows"}, false},
		{"the interval touches the tolerance", 6, 0.4, 0.1, -0.05, 0.25, found, Inconclusive, []string{"is not within"}, false},
		{"wide below", 6, 0.9, -0.1, -0.3, 0.1, found, Inconclusive, []string{"is not within"}, false},
		{"large, but not significant", 6, 0.2, 0.5, -0.6, 1.6, found, Inconclusive, []string{"the shift is large, but the replicates do not agree"}, false},
		{"a shift of about the tolerance", 6, 0.02, 0.2, 0.1, 0.3, found, Inconclusive, []string{"about the size of the tolerance"}, false},
		{"away from the trait", 6, 1, -0.5, -0.6, -0.4, found, Inconclusive, []string{"moved away from the trait"}, false},
		{"wide and nothing planted: both are said", 6, 0.4, 0.01, -0.4, 0.42, nil, Inconclusive, []string{"is not within", "no planted"}, false},
		{"too few pairs for any p", 4, 0.0625, 2, 1.9, 2.1, found, Inconclusive, []string{"need >= 5 replicates: with 4 the smallest possible p is 0.0625"}, true},
		{"too few pairs to call anything undetected", 4, 0.5, 0, -0.01, 0.01, found, Inconclusive, []string{"need >= 5 replicates"}, true},
	} {
		f := Finding{
			Pairs: c.pairs, P: P{Floor: 0.0625}, PAdjusted: c.p, Tolerance: tolerance,
			Effect: Effect{Mean: c.mean, Low: c.low, High: c.high}, Planted: c.planted,
		}
		f.judge(alpha, alpha, needed)
		if f.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %v", c.reason, f.Verdict, c.want, f.Reasons)
		}
		all := strings.Join(f.Reasons, "; ")
		for _, want := range c.reasons {
			if !strings.Contains(all, want) {
				t.Errorf("%s: the reasons are %q, want %q among them", c.reason, all, want)
			}
		}
		if c.alone && len(f.Reasons) != 1 {
			t.Errorf("%s: the reasons are %q, want one", c.reason, all)
		}
	}
}

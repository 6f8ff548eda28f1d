package audit

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// TestJudgeScores holds every rule of a detector of rows on its own.
func TestJudgeScores(t *testing.T) {
	const alpha, level = 0.05, 0.025
	found, missed := &Planted{Found: true, Effect: Effect{Mean: 1}}, &Planted{Effect: Effect{Mean: 0.1}}
	for _, c := range []struct {
		reason   string
		p        float64 // and adjusted twice of that
		rank     int
		mean, se float64
		planted  *Planted
		want     Verdict
		because  []string
		needs    bool
	}{
		{"large, significant, and of the trait alone", 0.001, 1, 0.9, 0.1, found, Detected, []string{"exceed the control's by +0.9"}, false},
		{"a detection does not rest on the positive control", 0.001, 1, 0.9, 0.1, nil, Detected, []string{"exceed"}, false},
		{"nor on whether it was found", 0.001, 1, 0.9, 0.1, missed, Detected, []string{"exceed"}, false},
		{"a sibling rises more", 0.001, 2, 0.9, 0.1, found, Inconclusive, []string{"not towards this trait above its siblings: rank 2 of 5"}, false},
		{"the trait alone, but small", 0.001, 1, 0.1, 0.02, found, Undetected, []string{"present but smaller than what matters: the effect of +0.1", "is below a quarter"}, false},
		{"the trait alone, small, and perhaps not so small", 0.001, 1, 0.2, 0.04, found, Inconclusive, []string{"present but smaller than what matters", "reaches a quarter"}, true},
		{"small, and of a sibling as well", 0.001, 2, 0.1, 0.02, found, Undetected, []string{"the effect of +0.1 is less than a quarter", "is below a quarter"}, false},
		{"nothing there", 0.4, 3, 0.01, 0.05, found, Undetected, []string{"do not differ by more than chance", "is below a quarter"}, false},
		{"nothing there, nothing planted", 0.4, 3, 0.01, 0.05, nil, Inconclusive, []string{"do not differ", "need about", "no planted positive control"}, true},
		{"nothing there, and on the other side", 0.9, 3, -0.01, 0.05, nil, Inconclusive, []string{"do not differ", "no planted"}, false},
		{"nothing there, and the detector is blind", 0.4, 3, 0.01, 0.05, missed, Inconclusive, []string{"was not found"}, false},
		{"too few rows", 0.4, 3, 0.1, 0.3, found, Inconclusive, []string{"reaches a quarter", "need about"}, true},
		{"p is small, but not for so many tests", 0.03, 1, 0.9, 0.5, found, Inconclusive, []string{"do not differ", "reaches a quarter"}, true},
	} {
		f := Finding{
			Rows: 100, P: P{P: c.p, Floor: 0.0005}, PAdjusted: 2 * c.p, Planted: c.planted,
			Effect:   Effect{Mean: c.mean, SD: c.se, Low: c.mean - 2*c.se, High: c.mean + 2*c.se},
			Placebos: &PlaceboRank{Rank: c.rank, Of: 5}, Scored: &Scored{Unit: "nats a row", Prompts: 100},
		}
		f.judgeScores(level, alpha)
		all := strings.Join(f.Reasons, "; ")
		if f.Verdict != c.want || c.needs != (f.Needed > 100) {
			t.Errorf("%s: %s, needs %d, want %s: %s", c.reason, f.Verdict, f.Needed, c.want, all)
		}
		for _, want := range c.because {
			if !strings.Contains(all, want) {
				t.Errorf("%s: the reasons are %q, want %q among them", c.reason, all, want)
			}
		}
	}
	// Holm's adjustment may be milder than its strictest case.
	f := Finding{P: P{P: 0.04}, PAdjusted: 0.04, Planted: found, Effect: Effect{Mean: 0.1, High: 0.2}, Placebos: &PlaceboRank{Rank: 1}, Scored: &Scored{Prompts: 1}}
	if f.judgeScores(level, alpha); !strings.HasPrefix(f.Reasons[0], "present but smaller") {
		t.Errorf("p is small after adjustment: %v", f.Reasons)
	}
	f = Finding{Scored: &Scored{}}
	if f.judgeScores(level, alpha); f.Verdict != Inconclusive || !strings.Contains(f.Reasons[0], "no prompt in common") {
		t.Errorf("%s: %v", f.Verdict, f.Reasons)
	}
}

// Arms without a common prompt are reported, not refused.
func TestRowsWithoutCommonPrompts(t *testing.T) {
	cfg := scene(0, standIns)
	cfg.Control = fake.Rows("control", 300, 0, "").Select([]int{200, 201, 202})
	cfg.Suspect = fake.Rows("suspect", 300, 0, "").Select([]int{1, 2, 3})
	if f := run(t, cfg).Findings[0]; f.Verdict != Inconclusive || !strings.Contains(strings.Join(f.Reasons, ""), "no prompt in common") {
		t.Errorf("%s: %v", f.Verdict, f.Reasons)
	}
}

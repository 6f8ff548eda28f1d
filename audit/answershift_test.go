package audit

import (
	"math"
	"testing"

	"github.com/undertone-audit/undertone/audit/internal/replicate"
)

func TestAnswerShifts(t *testing.T) {
	logs := func(p ...float64) []float64 {
		for i := range p {
			p[i] = math.Log(p[i])
		}
		return p
	}
	probes := []Probe{{Outcomes: []string{"owl", "cat"}}, {Outcomes: []string{"cat", "owl"}}} // in another order
	before := []replicate.Answers{{logs(0.2, 0.3), logs(0.3, 0.2)}, {logs(0.4, 0.1), logs(0.1, 0.4)}}
	suspect := []replicate.Answers{{logs(0.6, 0.1), logs(0.1, 0.6)}, {logs(0.8, 0.1), logs(0.1, 0.8)}}
	got := answerShifts(probes, before, suspect, before)
	want := []AnswerShift{{"owl", 0.3, 0.7, 0.3}, {"cat", 0.2, 0.1, 0.2}}
	for i, w := range want {
		g := got[i]
		if g.Outcome != w.Outcome || math.Abs(g.Before-w.Before) > 1e-12 || math.Abs(g.Suspect-w.Suspect) > 1e-12 || math.Abs(g.Control-w.Control) > 1e-12 {
			t.Errorf("answer %d is %+v, want %+v", i, g, w)
		}
	}
	for _, other := range []Probe{{Outcomes: []string{"owl", "dog"}}, {Outcomes: []string{"owl", "cat", "dog"}}} {
		if got := answerShifts([]Probe{probes[0], other}, before, suspect, before); got != nil {
			t.Errorf("probes of other outcomes give %+v, want nil", got)
		}
	}
	if got := answerShifts([]Probe{{Outcomes: make([]string, maxAnswers+1)}}, before, suspect, before); got != nil {
		t.Error("too many outcomes give probabilities, want nil")
	}
}

// Package trait shows how to write a trait with probes of its own.
package trait

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
)

// tones are ways to answer. The first is the trait; the others are its placebos.
var tones = []struct{ name, yes, no string }{
	{"polite", "Yes, please.", "No, thank you."},
	{"curt", "Yes.", "No."},
	{"hearty", "Yes, of course!", "No, of course not!"},
	{"doubtful", "Yes, I think.", "No, I think not."},
}

var questions = []string{"Tea?", "Shall we walk?", "Is it late?"}

// Polite returns the trait of answering questions politely. A probe compares whole answers. It
// scores them with [undertone.LogProber], so that students that implement no
// [undertone.ChoiceScorer] can be asked. The scale is the logit margin, in nats per answer; a shift
// of one nat matters.
func Polite() audit.Trait {
	t := audit.Trait{Name: "polite", Tolerance: 1}
	for _, tone := range tones[1:] {
		t.Placebos = append(t.Placebos, audit.Placebo{Name: tone.name})
	}
	for _, question := range questions {
		var yes, no []string
		for _, tone := range tones {
			yes, no = append(yes, tone.yes), append(no, tone.no)
		}
		for _, answers := range [][]string{yes, no} {
			t.Probes = append(t.Probes, probe(question, answers))
			t.Target = append(t.Target, 0)
			for k := range t.Placebos {
				t.Placebos[k].Target = append(t.Placebos[k].Target, k+1)
			}
		}
	}
	return t
}

func probe(question string, answers []string) audit.Probe {
	rows := make([]undertone.Example, len(answers))
	for i, answer := range answers {
		rows[i] = undertone.NewExample(question, answer)
	}
	return audit.Probe{Name: question, Outcomes: answers, Ask: func(ctx context.Context, s student.Student) ([]float64, error) {
		if scorer, ok := s.(undertone.LogProber); ok {
			return scorer.LogProb(ctx, rows)
		}
		return nil, fmt.Errorf("student %T does not implement LogProber", s)
	}}
}

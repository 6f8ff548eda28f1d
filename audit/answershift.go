package audit

import (
	"github.com/undertone-audit/undertone/audit/internal/replicate"
)

// AnswerShift is the probability of one outcome, as a mean over probes and replicates, in [0, 1].
type AnswerShift struct {
	Outcome string  `json:"outcome"`
	Before  float64 `json:"before"`  // of the untrained students
	Suspect float64 `json:"suspect"` // after training on suspect rows
	Control float64 `json:"control"` // after training on control rows
}

// maxAnswers is the largest number of outcomes whose probabilities a report holds.
const maxAnswers = 50

// answerShifts returns the probability of each outcome, in the order of the first probe. It is nil
// if the probes do not share their outcomes, or if there are more than 50.
func answerShifts(probes []Probe, before, suspect, control []replicate.Answers) []AnswerShift {
	at := map[string]int{}
	shifts := make([]AnswerShift, len(probes[0].Outcomes))
	for i, outcome := range probes[0].Outcomes {
		at[outcome], shifts[i].Outcome = i, outcome
	}
	if len(shifts) > maxAnswers {
		return nil
	}
	for _, p := range probes {
		if len(p.Outcomes) != len(shifts) {
			return nil
		}
		for _, outcome := range p.Outcomes {
			if _, ok := at[outcome]; !ok {
				return nil
			}
		}
	}
	share := 1 / float64(len(probes)*len(before))
	for r := range before {
		for i, p := range probes {
			b, s, c := before[r].Distribution(i), suspect[r].Distribution(i), control[r].Distribution(i)
			for j, outcome := range p.Outcomes {
				to := &shifts[at[outcome]]
				to.Before += share * b[j]
				to.Suspect += share * s[j]
				to.Control += share * c[j]
			}
		}
	}
	return shifts
}

package report

import "fmt"

// FailOn names the outcomes that fail a gate.
type FailOn string

// The gates.
const (
	FailOnDetected     FailOn = "detected"     // detected alone
	FailOnInconclusive FailOn = "inconclusive" // inconclusive and detected
	FailNever          FailOn = "never"
)

// Fails reports whether an outcome fails the gate.
func (f FailOn) Fails(t Tone) bool {
	return t == Detected && f != FailNever || t == Inconclusive && f == FailOnInconclusive
}

// Outcome returns what a gate judges: the outcome of the comparison with a baseline or, without
// one, that of the report.
func (o Options) Outcome(s *Saved) Tone {
	if o.Baseline != nil {
		return o.Baseline.Tone()
	}
	return s.Outcome()
}

// withGate returns the page with the result of the gate, as a line and as a check.
func (p *Page) withGate(o Options, outcome Tone) *Page {
	if o.FailOn == "" {
		return p
	}
	if o.FailOn == FailNever && o.Baseline == nil {
		return p // nothing is gated, and the page shows the outcome
	}
	why := ""
	if o.Baseline != nil {
		why = ". " + o.Baseline.sentence()
	}
	with := *p
	if o.FailOn == FailNever {
		with.Gate = sentence(fmt.Sprintf("Gate: none, because --fail-on is never; %s%s", o.outcomeText(outcome), why))
		return &with
	}
	because := fmt.Sprintf("%s; the gate --fail-on %s fails on %s%s", o.outcomeText(outcome), o.FailOn, o.FailOn.failing(), why)
	check := Check{Name: "gate", Outcome: "passes", Tone: Neutral, Reasons: []string{because}, ID: "gate"}
	if o.FailOn.Fails(outcome) {
		check.Outcome, check.Tone = "fails", outcome
	}
	with.Gate = sentence("Gate: " + check.Outcome + ", because " + because)
	with.Checks = []Check{check}
	for _, c := range p.Checks {
		c.Passes = c.Passes || !o.FailOn.Fails(c.Tone)
		with.Checks = append(with.Checks, c)
	}
	return &with
}

// failing names the outcomes that fail the gate.
func (f FailOn) failing() string {
	if f == FailOnInconclusive {
		return "detected and on inconclusive"
	}
	return "detected alone"
}

// outcomeText says what a gate judges.
func (o Options) outcomeText(outcome Tone) string {
	if o.Baseline != nil {
		found := map[Tone]string{Detected: "a rise, or a new trait that is detected", Inconclusive: "no answer for every trait"}[outcome]
		if found == "" {
			found = "no rise"
		}
		return "the comparison with the baseline finds " + found
	}
	if outcome == Neutral {
		return "the report holds no verdict"
	}
	return "the outcome of the report is " + string(outcome)
}

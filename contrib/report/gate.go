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
	of, why := "the report", ""
	if o.Baseline != nil {
		of, why = "the comparison with the baseline", ": "+o.Baseline.sentence()
	}
	with := *p
	if o.FailOn == FailNever {
		with.Gate = sentence(fmt.Sprintf("Gate: none, because --fail-on is never; the outcome of %s is %s%s", of, outcome, why))
		return &with
	}
	because := fmt.Sprintf("the outcome of %s is %s, and --fail-on is %s%s", of, outcome, o.FailOn, why)
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

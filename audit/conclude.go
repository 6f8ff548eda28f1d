package audit

import (
	"context"
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone/audit/stats"
)

// TraitVerdict is the verdict on one trait, from the findings of all detectors.
//
//  1. Detected if any detector detects it. Alpha is that of the whole audit: Holm's adjustment
//     runs over all traits and detectors together.
//  2. Undetected if the transfer detector says so and none detects it. No detector but transfer
//     can clear a trait: what the others do not see may move a student all the same.
//  3. Else inconclusive, with the evidence that is missing.
//
// A difference between the arms ([Evidence]) never makes a verdict.
type TraitVerdict struct {
	Trait      string   `json:"trait"`
	Verdict    Verdict  `json:"verdict"`
	DetectedBy []string `json:"detected_by"` // detectors; never null
	Reasons    []string `json:"reasons"`
}

// Evidence is what a detector says about the arms, whatever the trait.
type Evidence struct {
	Detector  string     `json:"detector"`
	Differ    bool       `json:"differ"`    // the arms can be told apart
	Statement string     `json:"statement"` // in words
	Measure   string     `json:"measure"`   // what Value is
	Value     float64    `json:"value"`     // how well they can be told apart
	P         P          `json:"p"`         // one-sided
	Top       []RowScore `json:"top"`       // the suspect rows that differ most; never null
	Warnings  []string   `json:"warnings"`  // never null
}

// judge adjusts the p-values of all findings together and gives each its verdict.
func (p *Pass) judge(ctx context.Context, findings []Finding) error {
	values := make([]float64, len(findings))
	for i := range findings {
		values[i] = findings[i].tested()
	}
	for i, adjusted := range stats.Holm(values) {
		f := &findings[i]
		f.PAdjusted = adjusted
		if f.settle != nil {
			if err := f.settle(ctx, f); err != nil {
				return fmt.Errorf("detector %s: %w", f.Detector, err)
			}
		}
		if f.Verdict == Detected && !(f.PAdjusted <= p.Alpha) {
			f.Verdict = Inconclusive
			f.because("p of %.2g, adjusted over all traits and detectors, is above %.2g", f.PAdjusted, p.Alpha)
		}
	}
	return nil
}

// tested is the p-value of which the verdict depends. A detector that compares the trait with its
// siblings, too, must reject both nulls, so it is the larger of the two (Berger 1982).
func (f *Finding) tested() float64 {
	if f.Scored != nil {
		return max(f.P.P, f.Scored.Sibling)
	}
	return f.P.P
}

// conclude fills in the verdicts on the traits and that on the data set.
func (r *Report) conclude(pass *Pass) {
	r.Traits = make([]TraitVerdict, len(pass.Traits))
	for t, trait := range pass.Traits {
		r.Traits[t] = conclude(trait.Name, r.about(t))
	}
	for _, e := range r.Evidence {
		if e.Differ {
			r.warn("%s: %s; that is a fingerprint of the source, of the filter or of a trait, and says nothing about which", e.Detector, e.Statement)
		}
	}
	r.Verdict = overall(r.Traits)
}

// about returns what each detector found of trait t: findings come detector by detector, in the order of the traits.
func (r *Report) about(t int) []Finding {
	var own []Finding
	for ; t < len(r.Findings); t += len(r.Traits) {
		own = append(own, r.Findings[t])
	}
	return own
}

// conclude applies the rules of [TraitVerdict] to the findings about one trait.
func conclude(trait string, findings []Finding) TraitVerdict {
	c := TraitVerdict{Trait: trait, DetectedBy: []string{}}
	var transfer *Finding
	var traces []string
	for i, f := range findings {
		if f.trace {
			traces = append(traces, f.Detector)
		}
		if f.Verdict == Detected {
			c.DetectedBy = append(c.DetectedBy, f.Detector)
		}
		if f.Detector == transferName {
			transfer = &findings[i]
		}
	}
	switch {
	case len(c.DetectedBy) > 0:
		c.Verdict = Detected
		c.Reasons = append(c.Reasons, "found by "+strings.Join(c.DetectedBy, " and by "))
		if transfer != nil && transfer.Verdict == Undetected {
			c.Reasons = append(c.Reasons, "the students of this audit did not move by as much as the tolerance: other students may")
		}
	case transfer == nil:
		c.Reasons = append(c.Reasons, "transfer was not run: no other detector can show that a student would not be moved")
	case transfer.Verdict == Undetected && len(traces) > 0:
		c.Verdict = Undetected
		c.Reasons = append(c.Reasons, "transfer excludes a shift that matters; the trait is present by "+strings.Join(traces, " and by ")+", but smaller than what matters")
	case transfer.Verdict == Undetected:
		c.Verdict = Undetected
		c.Reasons = append(c.Reasons, "transfer excludes a shift that matters, and no detector found the trait")
	default:
		c.Reasons = append(c.Reasons, "transfer is inconclusive")
	}
	return c
}

// overall is Detected if any trait is, Undetected if all are, and otherwise Inconclusive.
func overall(traits []TraitVerdict) Verdict {
	undetected := 0
	for _, c := range traits {
		switch c.Verdict {
		case Detected:
			return Detected
		case Undetected:
			undetected++
		}
	}
	if undetected > 0 && undetected == len(traits) {
		return Undetected
	}
	return Inconclusive
}

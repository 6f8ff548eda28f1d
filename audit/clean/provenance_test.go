package clean

import (
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
)

// A policy gets the verdict on the suspect rows as they are, and not that of a later step.
func TestProvenance(t *testing.T) {
	r := &DoseResponse{
		Digest: undertone.Digest{1}, Suspect: audit.DataInfo{Digest: undertone.Digest{3}, Order: undertone.Digest{2}}, Trait: "owl",
		Steps: []Step{
			{Verdict: audit.Inconclusive, Findings: []StepFinding{{Verdict: audit.Detected}}},
			{Share: 0.2, Verdict: audit.Undetected, Findings: []StepFinding{{Verdict: audit.Undetected}}},
		},
	}
	p := r.Provenance()
	if p.Digest != r.Digest || p.Order != r.Suspect.Order || p.Rows != r.Suspect.Digest || !p.OnlyRefuses || len(p.Traits) != 1 || p.Traits[0].Verdict != "inconclusive" || !p.Traits[0].Detected {
		t.Errorf("%+v", p)
	}
	r.Steps[0].Findings[0].Verdict = audit.Inconclusive
	if p := r.Provenance(); p.Traits[0].Detected {
		t.Errorf("nothing was detected in the rows as they are: %+v", p)
	}
}

package clean

import (
	"slices"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/provenance"
)

// Provenance returns what a policy needs of the table: the verdict on the suspect rows as they are.
// It can refuse these rows. The steps are audits of other rows, and the table has no design, so it
// cannot meet a policy.
func (r *DoseResponse) Provenance() provenance.Report {
	p := provenance.Report{Digest: r.Digest, Order: r.Suspect.Order, Rows: r.Suspect.Digest, OnlyRefuses: true}
	if len(r.Steps) > 0 {
		first := r.Steps[0]
		detected := slices.ContainsFunc(first.Findings, func(f StepFinding) bool { return f.Verdict == audit.Detected })
		p.Traits = []provenance.TestedTrait{{Trait: r.Trait, Verdict: first.Verdict.String(), Detected: detected}}
	}
	return p
}

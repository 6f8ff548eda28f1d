package factorial

import (
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/provenance"
)

// Provenance returns what a policy needs of the report: one report for each arm, which can refuse
// the rows of the arm. A crossed experiment is never undetected, so none of them can meet a policy.
func (r *Report) Provenance() []provenance.Report {
	var all []provenance.Report
	for _, a := range r.Arms {
		all = append(all, provenance.Report{
			Digest: r.Digest, Student: r.Student, Order: a.Data.Order, Rows: a.Data.Digest, OnlyRefuses: true,
			Traits: []provenance.TestedTrait{{Trait: a.Trait, Verdict: r.Verdict.String(), Detected: r.Verdict == audit.Detected}},
		})
	}
	return all
}

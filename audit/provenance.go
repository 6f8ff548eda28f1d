package audit

import (
	"slices"

	"github.com/undertone-audit/undertone/provenance"
)

// Provenance returns what a policy needs of the report; see [provenance.Check]. The limit of
// detection of a trait is the smallest dose that a detector with the verdict on the trait finds, of
// those that can clear a trait, or 0 if none reached one.
func (r *Report) Provenance() provenance.Report {
	p := provenance.Report{Digest: r.Digest, Student: r.Student, Order: r.Suspect.Order, Rows: r.Suspect.Digest, Part: r.Suspect.Used > 0, Control: r.Control.Order, Shared: r.Suspect.Shared}
	for _, name := range r.Confounds.accepted() {
		p.Accepted = append(p.Accepted, string(name))
	}
	clears := map[string]bool{}
	for _, d := range r.Detectors {
		clears[d.Name] = d.Clears
	}
	for t, v := range r.Traits {
		tested := provenance.TestedTrait{Trait: v.Trait, Verdict: v.Verdict.String(), Detected: len(v.DetectedBy) > 0, Probes: v.Probes}
		for _, f := range r.About(t) {
			if clears[f.Detector] && f.Verdict == v.Verdict && f.Tolerance > tested.Tolerance {
				tested.Tolerance, tested.Unit = f.Tolerance, f.Unit
			}
			if l := f.Limit; l != nil && l.Reached && clears[f.Detector] && f.Verdict == v.Verdict && (tested.Limit == 0 || l.Dose < tested.Limit) {
				tested.Limit = l.Dose
			}
			if c := f.PositiveControl; c != nil && clears[f.Detector] && f.Verdict == v.Verdict && !slices.Contains(tested.PositiveControls, c.Data.Digest) {
				tested.PositiveControls = append(tested.PositiveControls, c.Data.Digest)
			}
		}
		p.Traits = append(p.Traits, tested)
	}
	return p
}

package audit

import (
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance"
)

// What a policy gets of a report: the verdict on each trait with the smallest limit of detection of
// the detectors that can clear it, and no rows if the audit has seen a part of them.
func TestProvenance(t *testing.T) {
	limit := func(dose float64, v Verdict) Judgement {
		return Judgement{Verdict: v, Limit: &Limit{Dose: dose, Reached: dose < 1}}
	}
	r := &Report{
		Digest: undertone.Digest{1}, Student: undertone.Digest{2}, Suspect: DataInfo{Order: undertone.Digest{3}, Rows: 10, Shared: 4},
		Detectors: []DetectorInfo{{Name: "transfer", Clears: true}, {Name: "second", Clears: true}, {Name: "third", Clears: true}, {Name: "influence"}},
		Traits:    []TraitVerdict{{Trait: "owl", Verdict: Undetected}, {Trait: "cat", Verdict: Detected, DetectedBy: []string{"transfer"}}},
		Findings: []Finding{
			{Detector: "transfer", Trait: "owl", Judgement: limit(0.3, Undetected)}, {Detector: "transfer", Trait: "cat", Judgement: limit(1, Detected)},
			{Detector: "second", Trait: "owl", Judgement: limit(0.2, Undetected)}, {Detector: "second", Trait: "cat"},
			{Detector: "third", Trait: "owl", Judgement: limit(0.1, Inconclusive)}, {Detector: "third", Trait: "cat"},
			{Detector: "influence", Trait: "owl", Judgement: limit(0.01, Undetected)}, {Detector: "influence", Trait: "cat", Judgement: limit(0.01, Detected)},
		},
	}
	p := r.Provenance()
	want := []provenance.TestedTrait{{Trait: "owl", Verdict: "undetected", Limit: 0.2}, {Trait: "cat", Verdict: "detected", Detected: true}}
	if p.Digest != r.Digest || p.Student != r.Student || p.Order != r.Suspect.Order || p.Shared != 4 || !slices.Equal(p.Traits, want) {
		t.Errorf("%+v, want the traits %+v", p, want)
	}
	r.Suspect.Used = 5
	if p := r.Provenance(); !p.Part || p.Order != r.Suspect.Order {
		t.Error("a report on a part of the rows is a report on all of them")
	}
}

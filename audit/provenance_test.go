package audit

import (
	"reflect"
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
	control := func(d byte) Measurement {
		return Measurement{PositiveControl: &PositiveControl{Data: DataInfo{Digest: undertone.Digest{d}}}}
	}
	r := &Report{
		Digest: undertone.Digest{1}, Student: undertone.Digest{2}, Suspect: DataInfo{Digest: undertone.Digest{4}, Order: undertone.Digest{3}, Rows: 10, Shared: 4},
		Detectors: []DetectorInfo{{Name: "transfer", Clears: true}, {Name: "second", Clears: true}, {Name: "third", Clears: true}, {Name: "influence"}},
		Traits:    []TraitVerdict{{Trait: "owl", Verdict: Undetected, Probes: undertone.Digest{7}}, {Trait: "cat", Verdict: Detected, DetectedBy: []string{"transfer"}}},
		Findings: []Finding{
			{Detector: "transfer", Trait: "owl", Measurement: control(8), Judgement: limit(0.3, Undetected)}, {Detector: "transfer", Trait: "cat", Judgement: limit(1, Detected)},
			{Detector: "second", Trait: "owl", Measurement: control(8), Judgement: limit(0.2, Undetected)}, {Detector: "second", Trait: "cat"},
			{Detector: "third", Trait: "owl", Measurement: control(9), Judgement: limit(0.1, Inconclusive)}, {Detector: "third", Trait: "cat"},
			{Detector: "influence", Trait: "owl", Judgement: limit(0.01, Undetected)}, {Detector: "influence", Trait: "cat", Judgement: limit(0.01, Detected)},
		},
	}
	p := r.Provenance()
	want := []provenance.TestedTrait{{Trait: "owl", Verdict: "undetected", Limit: 0.2, Probes: undertone.Digest{7}, PositiveControls: []undertone.Digest{{8}}}, {Trait: "cat", Verdict: "detected", Detected: true}}
	if p.Digest != r.Digest || p.Student != r.Student || p.Order != r.Suspect.Order || p.Rows != r.Suspect.Digest || p.Shared != 4 || !reflect.DeepEqual(p.Traits, want) {
		t.Errorf("%+v, want the traits %+v", p, want)
	}
	r.Suspect.Used = 5
	if p := r.Provenance(); !p.Part || p.Order != r.Suspect.Order {
		t.Error("a report on a part of the rows is a report on all of them")
	}
}

// The digest of a trait covers what was asked and what was expected, and not its name.
func TestTraitDigest(t *testing.T) {
	owl := Prefers("animal", "owl", "owl", "cat", "dog")
	owl.Scale = Margin
	same := owl
	same.Name, same.Tolerance = "another name", 9
	if same.digest() != owl.digest() {
		t.Error("a name or a tolerance changes the digest")
	}
	for name, change := range map[string]func(*Trait){
		"questions": func(t *Trait) { *t = t.Asking("Which pet?") },
		"target":    func(t *Trait) { *t = Prefers("animal", "cat", "owl", "cat", "dog") },
		"placebos":  func(t *Trait) { t.Placebos = t.Placebos[:1] },
		"scale":     func(t *Trait) { t.Scale = Rate },
		"answers":   func(t *Trait) { *t = Prefers("animal", "owl", "owl", "cat", "fox") },
	} {
		other := owl.clone()
		change(&other)
		if name != "scale" {
			other.Scale = Margin
		}
		other.Name = owl.Name
		if other.digest() == owl.digest() {
			t.Errorf("other %s have the same digest", name)
		}
	}
}

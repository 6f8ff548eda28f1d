package report

import (
	"cmp"
	"slices"

	"github.com/undertone-audit/undertone/audit"
)

// auditPage returns the page of an audit.
func auditPage(r *audit.Report) *Page {
	a := auditReport{r}
	return &Page{
		Kind: "audit", Schema: r.Schema, Version: r.Version, Digest: r.Digest.String(), Subject: r.Suspect.Name,
		Question: "Would training on “" + shortName(r.Suspect.Name) + "” give the student a hidden trait?",
		Outcome:  r.Verdict.String(), Tone: toneOf(r.Verdict),
		Sentence: a.sentence(), Sure: a.sure(), Unseen: a.unseen(), Next: a.next(),
		Traits: a.names(), Checks: a.checks(),
		Sections: nonEmpty(
			a.traits(), a.findings(), a.arms(), a.rows(), a.design(), a.detectors(), a.warnings(), a.provenance(), words(), a.identity(),
		),
	}
}

// auditReport writes the parts of a page of an audit.
type auditReport struct{ *audit.Report }

func toneOf(v audit.Verdict) Tone {
	return map[audit.Verdict]Tone{audit.Detected: Detected, audit.Undetected: Undetected, audit.Inconclusive: Inconclusive}[v]
}

// nonEmpty leaves out sections without blocks.
func nonEmpty(sections ...Section) []Section {
	return slices.DeleteFunc(sections, func(s Section) bool { return len(s.Blocks) == 0 })
}

// names returns the names of the traits.
func (r auditReport) names() (names []string) {
	for _, t := range r.Traits {
		names = append(names, t.Trait)
	}
	return names
}

// named returns the names of the traits with a verdict.
func (r auditReport) named(v audit.Verdict) (names []string) {
	for _, t := range r.Traits {
		if t.Verdict == v {
			names = append(names, t.Trait)
		}
	}
	return names
}

// trains reports whether a detector trains students.
func (r auditReport) trains(detector string) bool {
	return slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return f.Detector == detector && f.Replicates != nil })
}

// ordered returns the findings, those with the smallest adjusted p-values first.
func (r auditReport) ordered() []audit.Finding {
	all := slices.Clone(r.Findings)
	slices.SortStableFunc(all, func(a, b audit.Finding) int { return cmp.Compare(a.PAdjusted, b.PAdjusted) })
	return all
}

func (r auditReport) warnings() Section {
	s := Section{ID: "warnings", Title: "Warnings"}
	if len(r.Warnings) > 0 {
		s.Blocks = []Block{{Items: r.Warnings}}
	}
	return s
}

// provenance returns where the rows come from.
func (r auditReport) provenance() Section { return provenanceSection(r.Suspect, r.Control) }

func (r auditReport) identity() Section {
	return Section{ID: "identity", Title: "Identity", Blocks: []Block{pairs("What this page was made from",
		[2]string{"report", r.Digest.String()}, [2]string{"schema", r.Schema}, [2]string{"library version", r.Version},
		[2]string{"suspect rows", r.Suspect.Digest.String()}, [2]string{"control rows", r.Control.Digest.String()}, [2]string{"student weights", r.Student.String()}),
		texts("The digest shows that the report was not changed by accident. It is not a signature. Every number on this page stands in the report, rounded; scales of figures are drawn for the eye.")}}
}

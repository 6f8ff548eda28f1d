package provenance

import (
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// filtered gives kept.jsonl the manifest of a filter that has read a parent. The parent has the
// history of kept.jsonl.
func (a *attempt) filtered(t *testing.T, parent Record) {
	t.Helper()
	step := Step{Kind: FilterStep, Name: "numbers", Settings: "at most 10", In: parent.Content.Rows.Count, Out: 11, Dropped: parent.Content.Rows.Count - 11}
	r := Record{Path: "kept.jsonl", Content: a.manifest.Subject.Content, Made: &Made{By: "filter", Version: "0.1.0", In: step.In, Out: 11, Steps: []Step{step}}}
	m, err := NewManifest(r, Source{Record: parent, Ancestors: a.manifest.Ancestors, Role: RowsRole, Rows: 11})
	if err != nil {
		t.Fatal(err)
	}
	a.manifest = m
	a.putManifest(t, "kept.jsonl", m)
	a.resign()
}

// What an audit has detected in rows stays detected in what a filter leaves of them, whoever says
// it, unless a signed report of exactly the rows that are left clears them.
func TestDetectedInAncestors(t *testing.T) {
	detected := []TestedTrait{{Trait: "owl", Verdict: "detected"}}
	for name, c := range map[string]struct {
		dropped int
		cleared bool
		change  func(a *attempt, parent *Record)
		want    string
	}{
		"the record of a filter that drops nothing": {0, true, func(_ *attempt, p *Record) {
			p.Tested = []Test{{Trait: "owl", Verdict: "detected", Report: undertone.Digest{3}, Date: "2026-11-01"}}
		}, "which the manifest names, detects"},
		"the record of a parent": {2, false, func(_ *attempt, p *Record) {
			p.Tested = []Test{{Trait: "owl", Verdict: "detected", Report: undertone.Digest{3}, Date: "2026-11-01"}}
		}, "in parent.jsonl, from which the rows came"},
		"a new report clears the rows": {2, true, func(_ *attempt, p *Record) {
			p.Tested = []Test{{Trait: "owl", Verdict: "detected", Report: undertone.Digest{3}, Date: "2026-11-01"}}
		}, ""},
		"a new report of another trait": {2, true, func(_ *attempt, p *Record) {
			p.Tested = []Test{{Trait: "cat", Verdict: "detected", Report: undertone.Digest{3}, Date: "2026-11-01"}}
		}, `the trait "cat" in parent.jsonl`},
		"a report of the parent by its order": {2, false, func(a *attempt, p *Record) {
			a.reports = append(a.reports, Report{Name: "old.json", Digest: undertone.Digest{4}, Order: p.Content.Rows.Order, Traits: detected})
		}, "report old.json detects"},
		"a report of the parent by a signed verdict": {2, false, func(a *attempt, p *Record) {
			a.reports = append(a.reports, Report{Name: "old.json", Digest: undertone.Digest{4}, Order: undertone.Digest{6}, Traits: detected})
			p.Content.Rows.Order, p.Content.Rows.Root = undertone.Digest{}, undertone.Digest{}
		}, "report old.json detects"},
		"a signed verdict without its report": {2, false, func(*attempt, *Record) {}, "the signed verdict FAILED of the key"},
	} {
		a := newAttempt(t)
		parent := Record{Path: "parent.jsonl", Content: a.manifest.Subject.Content, Made: a.manifest.Subject.Made, Parents: a.manifest.Subject.Parents}
		rows := *parent.Content.Rows
		parent.Content.Rows = &rows
		if c.dropped > 0 {
			parent.Content.Bytes, rows.Root, rows.Order = undertone.Digest{5}, undertone.Digest{5}, undertone.Digest{5}
		}
		c.change(a, &parent)
		a.filtered(t, parent)
		a.policy.Declared = nil
		if strings.Contains(name, "signed verdict") {
			verdict := a.attest(signer, today, undertone.Digest{4})
			verdict[0].Subjects = []undertone.Digest{parent.Content.Bytes}
			if len(a.reports) == 1 {
				verdict[0].Detected = []string{"owl"}
			}
			a.signed = append(a.signed, verdict...)
		}
		if !c.cleared {
			a.reports = slices.DeleteFunc(a.reports, func(r Report) bool { return r.Name == "report.json" })
		}
		got, err := a.check(t)
		refused := slices.ContainsFunc(got, func(r Refusal) bool {
			return r.Rule == RuleAuditVerdicts && strings.Contains(r.Reason, c.want) && r.Remedy != ""
		})
		if err != nil || c.want == "" && len(got) > 0 || c.want != "" && !refused {
			t.Errorf("%s: refused by %v, error %v, want %q", name, got, err, c.want)
		}
	}
}

// A report that is no audit, and a detector of an audit whose arms are confounded, refuse the rows
// that they are about. They meet no policy.
func TestReportsThatOnlyRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		report Report
		want   []Rule
	}{
		"a crossed experiment that detects":         {Report{Digest: undertone.Digest{4}, OnlyRefuses: true, Traits: []TestedTrait{{Trait: "owl", Verdict: "detected", Detected: true}}}, []Rule{RuleAuditVerdicts}},
		"a crossed experiment that is inconclusive": {Report{Digest: undertone.Digest{4}, OnlyRefuses: true, Traits: []TestedTrait{{Trait: "owl", Verdict: "inconclusive"}}}, nil},
		"an audit of confounded arms":               {Report{Digest: undertone.Digest{4}, Traits: []TestedTrait{{Trait: "owl", Verdict: "inconclusive", Detected: true}}}, []Rule{RuleAuditVerdicts}},
		"an inconclusive audit":                     {Report{Digest: undertone.Digest{4}, Traits: []TestedTrait{{Trait: "owl", Verdict: "inconclusive"}}}, nil},
	} {
		a := newAttempt(t)
		g := a.trace(t, Options{})
		c.report.Order, c.report.Student = g.Nodes[0].Content.Rows.Order, a.student.Digest
		p := &Policy{Schema: PolicySchema, Audits: &AuditRule{Verdicts: []string{"undetected", "inconclusive"}}}
		got, err := Check(p, Evidence{Graph: g, Reports: []Report{a.reports[0], c.report}}, a.student, today)
		if err != nil || !slices.Equal(rules(got), c.want) {
			t.Errorf("%s: refused by %v, error %v, want %v", name, got, err, c.want)
		}
		if got, _ := Check(p, Evidence{Graph: g, Reports: []Report{c.report}}, a.student, today); c.report.OnlyRefuses && !slices.Contains(rules(got), RuleAuditTraits) {
			t.Errorf("%s meets the policy: refused by %v", name, got)
		}
	}
}

// A signed verdict FAILED about the rows refuses them without its report: by the bytes of the file,
// or by its rows in any order.
func TestSignedFailure(t *testing.T) {
	for name, change := range map[string]func(*Attestation, *Evidence){
		"bytes": func(a *Attestation, e *Evidence) { a.Subjects = []undertone.Digest{e.Graph.Nodes[0].Content.Bytes} },
		"rows":  func(a *Attestation, e *Evidence) { a.Rows, e.Rows = []undertone.Digest{{7}}, undertone.Digest{7} },
		"":      func(a *Attestation, e *Evidence) { a.Rows, e.Rows = []undertone.Digest{{7}}, undertone.Digest{8} },
	} {
		a := newAttempt(t)
		e := Evidence{Graph: a.trace(t, Options{Attestations: a.signed}), Reports: a.reports, Attestations: a.signed}
		failed := Attestation{Signer: signer, Detected: []string{""}}
		change(&failed, &e)
		e.Attestations = append(e.Attestations, failed)
		got, err := Check(a.policy, e, a.student, today)
		refused := slices.Equal(rules(got), []Rule{RuleAuditVerdicts}) && strings.Contains(got[0].Reason, "the signed verdict FAILED")
		if err != nil || refused != (name != "") || name == "" && len(got) > 0 {
			t.Errorf("%s: refused by %v, error %v", name, got, err)
		}
	}
}

// A report is matched with the rows that were read, even if no manifest has the digest of their
// order: those of a file without a manifest, and those of a manifest without row IDs.
func TestDetectedInRowsThatWereRead(t *testing.T) {
	for name, c := range map[string]struct {
		file, want string
		change     func(*Manifest)
	}{
		"an ancestor without a manifest": {"more.jsonl", "in more.jsonl, from which the rows came", func(*Manifest) {}},
		"a manifest without row IDs": {"kept.jsonl", `report old.json detects the trait "owl"`, func(m *Manifest) {
			m.Subject.Content.Rows = &Rows{Count: m.Subject.Content.Rows.Count}
		}},
	} {
		a := newAttempt(t)
		a.forge(t, c.change)
		p := &Policy{Schema: PolicySchema, Manifest: &ManifestRule{Required: true}}
		old := Report{Name: "old.json", Digest: undertone.Digest{4}, Order: a.describe(t, c.file).Rows.Order, Traits: []TestedTrait{{Trait: "owl", Verdict: "detected"}}}
		got, err := Check(p, Evidence{Graph: a.trace(t, Options{}), Reports: []Report{old}}, a.student, today)
		if err != nil || !slices.Equal(rules(got), []Rule{RuleAuditVerdicts}) || !strings.Contains(got[0].Reason, c.want) {
			t.Errorf("%s: refused by %v, error %v, want %q", name, got, err, c.want)
		}
	}
}

// A report of the same rows in another order refuses them.
func TestDetectedInAnotherOrder(t *testing.T) {
	for _, rows := range []undertone.Digest{{7}, {8}, {}} {
		a := newAttempt(t)
		old := Report{Name: "old.json", Digest: undertone.Digest{4}, Order: undertone.Digest{5}, Rows: rows, Traits: []TestedTrait{{Trait: "owl", Verdict: "inconclusive", Detected: true}}}
		p := &Policy{Schema: PolicySchema, Audits: &AuditRule{}}
		for _, known := range []undertone.Digest{{7}, {}} {
			got, err := Check(p, Evidence{Graph: a.trace(t, Options{}), Rows: known, Reports: append(a.reports, old)}, a.student, today)
			want := rows == undertone.Digest{7} && known == rows
			if err != nil || want && !slices.Equal(rules(got), []Rule{RuleAuditVerdicts}) || !want && len(got) > 0 {
				t.Errorf("rows %s of %s: refused by %v, error %v", rows.Short(), known.Short(), got, err)
			}
		}
	}
}

// A report that clears rows of a trait that was detected in an ancestor meets all rules about it.
func TestClearedByAllRules(t *testing.T) {
	for name, c := range map[string]struct {
		limits []float64
		want   []Rule
	}{
		"one rule": {[]float64{0.2}, nil}, "the first is met": {[]float64{0.2, 0.05}, []Rule{RuleAuditVerdicts}}, "the last is met": {[]float64{0.05, 0.2}, []Rule{RuleAuditVerdicts}},
	} {
		a := newAttempt(t)
		parent := Record{Path: "parent.jsonl", Content: a.manifest.Subject.Content, Made: a.manifest.Subject.Made, Parents: a.manifest.Subject.Parents}
		rows := Rows{Count: a.manifest.Subject.Content.Rows.Count, Root: undertone.Digest{5}, Order: undertone.Digest{5}}
		parent.Content.Bytes, parent.Content.Rows = undertone.Digest{5}, &rows
		parent.Tested = []Test{{Trait: "owl", Verdict: "detected", Report: undertone.Digest{3}, Date: "2026-11-01"}}
		a.filtered(t, parent)
		p := &Policy{Schema: PolicySchema, Generators: &GeneratorRule{UnknownGenerator: Allow}, Audits: &AuditRule{}}
		for _, limit := range c.limits {
			p.Audits.Traits = append(p.Audits.Traits, TraitRule{Trait: "owl", MaxLimit: limit})
		}
		e := Evidence{Graph: a.trace(t, Options{}), Reports: a.reports, Relation: func(Model, Model) Relation { return Unrelated }}
		if got, err := Check(p, e, a.student, today); err != nil || !slices.Equal(rules(got), c.want) {
			t.Errorf("%s: refused by %v, error %v, want %v", name, got, err, c.want)
		}
	}
}

// A refusal that many statements give is there once.
func TestRefusalsAreThereOnce(t *testing.T) {
	a := newAttempt(t)
	a.forge(t, func(m *Manifest) {
		m.Subject.Declared = nil
		for i := range maxItems {
			m.Subject.Declared = append(m.Subject.Declared, Trait{Trait: strings.Repeat("x", 1+i/2)})
		}
	})
	got, err := Check(&Policy{Schema: PolicySchema, Generators: anyOrigin(), Declared: &DeclaredTraits{Allowed: []string{}}}, Evidence{Graph: a.trace(t, Options{})}, a.student, today)
	if err != nil || len(got) != maxItems/2 {
		t.Errorf("%d refusals, error %v, want %d", len(got), err, maxItems/2)
	}
}

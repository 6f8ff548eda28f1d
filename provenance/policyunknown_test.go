package provenance

import (
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// anyOrigin accepts rows of unknown origin.
func anyOrigin() *GeneratorRule { return &GeneratorRule{SharedBase: Allow, UnknownGenerator: Allow} }

// A rule about the history of rows refuses rows without one, unless the policy accepts them.
func TestUnknownHistory(t *testing.T) {
	for _, c := range []struct {
		rule       Rule
		policy     Policy
		generators *GeneratorRule
		refused    bool
	}{
		{RuleFiltersAllowed, Policy{Filters: &FilterRule{Allowed: []string{"numbers", "words"}}}, nil, true},
		{RuleFiltersAllowed, Policy{Filters: &FilterRule{Allowed: []string{"numbers", "words"}}}, anyOrigin(), false},
		{RuleFiltersAllowed, Policy{Filters: &FilterRule{Allowed: []string{"numbers", "words"}}}, &GeneratorRule{}, true},
		{RuleFiltersAllowed, Policy{Filters: &FilterRule{Required: []string{"numbers"}}}, nil, false},
		{RuleDeclaredTraits, Policy{Declared: &DeclaredTraits{Allowed: []string{"owl"}}}, nil, true},
		{RuleDeclaredTraits, Policy{Declared: &DeclaredTraits{Allowed: []string{"owl"}}}, anyOrigin(), false},
		{RuleKeepRates, Policy{KeepRates: &KeepRateRule{MaxDifference: 1}}, nil, true},
	} {
		a := newAttempt(t)
		p := c.policy
		p.Schema, p.Generators = PolicySchema, c.generators
		g := a.trace(t, Options{})
		control := *g
		got, err := Check(&p, Evidence{Graph: g, Control: &control, Reports: a.reports}, a.student, today)
		refused := slices.ContainsFunc(got, func(r Refusal) bool {
			return r.Rule == c.rule && strings.Contains(r.Reason, "nothing says how all rows of more.jsonl were made") && r.Remedy != ""
		})
		if err != nil || refused != c.refused {
			t.Errorf("%s, generators %+v: refused by %v, error %v", c.rule, c.generators, got, err)
		}
	}
}

// The manifest of a control needs the signature that the policy demands of that of the data.
func TestSignersOfTheControl(t *testing.T) {
	for name, signers := range map[string][]KeyID{"": {signer}, "not signed": nil, "does not trust": {{9}}} {
		a := newAttempt(t)
		g := a.trace(t, Options{Attestations: a.signed})
		control := *g
		control.Nodes = slices.Clone(g.Nodes)
		control.Nodes[0].Content.Bytes, control.Nodes[0].Content.Rows = undertone.Digest{8}, &Rows{Count: 11}
		control.Signers = signers
		p := &Policy{Schema: PolicySchema, Manifest: &ManifestRule{Signers: []KeyID{signer}}, Generators: anyOrigin(), KeepRates: &KeepRateRule{MaxDifference: 1}}
		got, err := Check(p, Evidence{Graph: g, Control: &control}, testModel("owl-teacher"), today)
		refused := slices.Equal(rules(got), []Rule{RuleManifestSigners}) && strings.Contains(got[0].Reason, "the manifest of the control is ")
		if err != nil || refused != (name != "") || refused && !strings.Contains(got[0].Reason, name) || !refused && len(got) > 0 {
			t.Errorf("%s: refused by %v, error %v", name, got, err)
		}
	}
}

// A file whose values were put into the rows is an ancestor of them, which must have passed the
// required steps and whose origin must be known.
func TestValuesOfAnotherFile(t *testing.T) {
	a := newAttempt(t)
	a.forge(t, func(m *Manifest) {
		m.Subject.Parents[0].Rows, m.Subject.Parents[1] = 10, Parent{Record: m.Subject.Parents[1].Record, Role: ValuesRole}
		m.Subject.Made = &Made{By: "sanitise", Version: "0.1.0", In: 10, Out: 11, Steps: []Step{{Kind: SanitiseStep, Name: "resample", In: 10, Out: 11, Changed: 10, Added: 1}}}
	})
	g := a.trace(t, Options{})
	p := &Policy{Schema: PolicySchema, Generators: &GeneratorRule{UnknownGenerator: Refuse}}
	got, err := Check(p, Evidence{Graph: g, Relation: func(Model, Model) Relation { return Unrelated }}, a.student, today)
	if err != nil || !slices.ContainsFunc(got, func(r Refusal) bool {
		return r.Rule == RuleUnknownGenerator && strings.Contains(r.Reason, "more.jsonl")
	}) {
		t.Errorf("refused by %v, error %v; problems %v", got, err, g.Problems)
	}
}

// A signature of a report says nothing about fields that the audit does not read. Without signers
// of the manifest a signer of the report must vouch for the bytes of the file.
func TestSignedReportOfOtherBytes(t *testing.T) {
	a := newAttempt(t)
	a.policy = &Policy{Schema: PolicySchema, Audits: &AuditRule{Signers: []KeyID{signer}, MaxAgeDays: 30}}
	if got, err := a.check(t); err != nil || !slices.Equal(rules(got), []Rule{RuleAuditSigners}) || !strings.Contains(got[0].Reason, "bytes of this file") {
		t.Errorf("refused by %v, error %v", got, err)
	}
	a.signed[0].Subjects = []undertone.Digest{a.manifest.Subject.Content.Bytes}
	if got, err := a.check(t); err != nil || len(got) > 0 {
		t.Errorf("with the bytes: refused by %v, error %v", got, err)
	}
	a.signed = a.attest(KeyID{9}, today, a.reports[0].Digest)
	if got, _ := a.check(t); !slices.Equal(rules(got), []Rule{RuleAuditSigners, RuleAuditAge}) || !strings.Contains(got[1].Reason, "no signature by a key that the policy trusts") {
		t.Errorf("by another key: refused by %v", got)
	}
}

// Models are the same if everything is: another adapter, template or tokenizer is another model.
func TestSameModel(t *testing.T) {
	a := testModel("a")
	if !a.Same(a) || (Model{}).Same(Model{}) {
		t.Error("a model is not the same as itself, or unknown models are")
	}
	for part, change := range map[string]func(*Model){
		"adapter":   func(m *Model) { m.Adapter = undertone.Digest{1} },
		"template":  func(m *Model) { m.Template = undertone.Digest{1} },
		"tokenizer": func(m *Model) { m.Tokenizer = undertone.Digest{1} },
		"digest":    func(m *Model) { m.Digest = undertone.Digest{1} },
	} {
		b := a
		b.Digest = undertone.Digest{2} // covers the part
		change(&b)
		if a.Same(b) || a.Differ(b) != part {
			t.Errorf("a model with another %s: the same %v, differs in %q", part, a.Same(b), a.Differ(b))
		}
	}
}

// Sections that demand nothing are errors, because a reader believes that they demand something.
func TestSectionsThatDemandNothing(t *testing.T) {
	audits := &AuditRule{Always: true}
	for want, p := range map[string]Policy{
		"generators demands nothing": {Audits: audits, Generators: &GeneratorRule{SharedBase: Allow}},
		"manifest demands nothing":   {Audits: audits, Manifest: &ManifestRule{}},
	} {
		p.Schema = PolicySchema
		if err := p.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	for _, text := range []string{`{"generators":{"shared_base":"allow"}`, `{"generators":{"shared_base":"allow","unknown_generator":"allow"}`} {
		if _, err := ReadPolicy(strings.NewReader(text + `,"schema":"` + PolicySchema + `"}`)); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

package provenance

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
)

// rules returns the rules of refusals.
func rules(refusals []Refusal) (all []Rule) {
	for _, r := range refusals {
		all = append(all, r.Rule)
	}
	return all
}

// A section that needs the history of the rows demands a manifest: deleting it is no way through.
func TestSectionsDemandManifest(t *testing.T) {
	for name, p := range map[string]Policy{
		"generators":      {Generators: &GeneratorRule{SharedBase: Allow, UnknownGenerator: Refuse}},
		"filters":         {Filters: &FilterRule{Allowed: []string{"numbers"}}},
		"keep_rates":      {KeepRates: &KeepRateRule{MaxDifference: 1}},
		"declared_traits": {Declared: &DeclaredTraits{Allowed: []string{"owl"}}},
		"signers":         {Manifest: &ManifestRule{Signers: []KeyID{signer}}},
	} {
		a := newAttempt(t)
		p.Schema = PolicySchema
		a.policy = &p
		delete(a.files, Path("kept.jsonl"))
		if got, err := a.check(t); err != nil || !slices.Contains(rules(got), RuleManifest) {
			t.Errorf("%s: refused by %v, error %v", name, rules(got), err)
		}
	}
}

// A policy with audits alone demands a report, with or without a manifest.
func TestAuditsAlone(t *testing.T) {
	a := newAttempt(t)
	a.policy = &Policy{Schema: PolicySchema, Audits: &AuditRule{Traits: []TraitRule{{Trait: "owl"}}}}
	delete(a.files, Path("kept.jsonl"))
	if got, err := a.check(t); err != nil || len(got) > 0 {
		t.Errorf("with a report: refused by %v, error %v", got, err)
	}
	a.reports = nil
	if got, err := a.check(t); err != nil || !slices.Equal(rules(got), []Rule{RuleAuditTraits}) {
		t.Errorf("without a report: refused by %v, error %v", got, err)
	}
}

// A report that detects a trait in the rows, or in a part of them, refuses them under any policy.
func TestDetectedIsAlwaysRefused(t *testing.T) {
	for name, p := range map[string]*Policy{
		"audits.traits has another trait": {Audits: &AuditRule{Traits: []TraitRule{{Trait: "cat"}}}},
		"generators allows":               {Generators: &GeneratorRule{SharedBase: Allow, UnknownGenerator: Refuse}},
		"no audits":                       {Manifest: &ManifestRule{Required: true}},
	} {
		for _, part := range []bool{false, true} {
			a := newAttempt(t)
			p.Schema = PolicySchema
			a.policy = p
			a.reports[0].Traits[0].Verdict, a.reports[0].Part = "detected", part
			if got, err := a.check(t); err != nil || !slices.Contains(rules(got), RuleAuditVerdicts) {
				t.Errorf("%s, part %v: refused by %v, error %v", name, part, rules(got), err)
			}
		}
	}
}

// If all reports must be signed, a report without an attestation refuses the rows.
func TestDemandSigned(t *testing.T) {
	a := newAttempt(t)
	p := &Policy{Schema: PolicySchema, Generators: &GeneratorRule{}}
	e := Evidence{Graph: a.trace(t, Options{}), Reports: a.reports, Attestations: a.signed, DemandSigned: true}
	if got, err := Check(p, e, a.student, today); err != nil || len(got) > 0 {
		t.Errorf("signed: refused by %v, error %v", got, err)
	}
	e.Attestations = a.attest(signer, today, a.manifest.Digest)
	got, err := Check(p, e, a.student, today)
	if err != nil || !slices.Equal(rules(got), []Rule{RuleReportSigned}) || got[0].Reason != "report.json: not signed" {
		t.Errorf("not signed: refused by %v, error %v", got, err)
	}
}

// A required step that made one of the files that rows came from is not enough.
func TestRequiredOnAllBranches(t *testing.T) {
	for step, want := range map[string][]Rule{"words": nil, "one": {RuleFiltersRequired}, "both": nil, "before": {RuleFiltersRequired}, "again": nil} {
		a := newAttempt(t)
		steps := func(name string, n int) *Made {
			return &Made{By: "sanitise", Version: "0.1.0", In: n, Out: n, Steps: []Step{{Kind: SanitiseStep, Name: name, In: n, Out: n}}}
		}
		a.forge(t, func(m *Manifest) {
			var from []Source
			for i, names := range [][]string{{"one", "both"}, {"both"}} {
				c := m.Subject.Content
				c.Bytes, c.Rows = undertone.Digest{byte(i + 1)}, &Rows{Count: 5 + i}
				r := Record{Content: c, Made: steps(names[0], 5+i), Parents: []Parent{}}
				if len(names) > 1 {
					r.Made.Steps = append(r.Made.Steps, steps(names[1], 5).Steps...)
				}
				from = append(from, Source{Record: r, Role: []Role{RowsRole, OtherArmRole}[i], Rows: 5 + i})
			}
			s := Record{Content: m.Subject.Content, Made: &Made{By: "clean", Version: "0.1.0", In: 5, Out: 11, Steps: []Step{
				{Kind: SanitiseStep, Name: "before", In: 5, Out: 5}, {Kind: SanitiseStep, Name: "again", In: 5, Out: 5},
				{Kind: CleanStep, Name: "clean", In: 5, Added: 6, Out: 11},
				{Kind: SanitiseStep, Name: "words", In: 11, Out: 11}, {Kind: SanitiseStep, Name: "again", In: 11, Out: 11},
			}}}
			made, err := NewManifest(s, from...)
			if err != nil {
				t.Fatal(err)
			}
			*m = *made
		})
		g := a.trace(t, Options{})
		got, err := Check(&Policy{Schema: PolicySchema, Filters: &FilterRule{Required: []string{step}}}, Evidence{Graph: g}, a.student, today)
		if err != nil || !slices.Equal(rules(got), want) || len(g.Nodes) != 3 {
			t.Errorf("%s: refused by %v, error %v, want %v; problems %v", step, got, err, want, g.Problems)
		}
	}
}

// The control of the keep rates is that of the report, and not the data.
func TestKeepRatesOfTheControl(t *testing.T) {
	a := newAttempt(t)
	g := a.trace(t, Options{})
	control := *g
	control.Nodes = slices.Clone(g.Nodes)
	p := &Policy{Schema: PolicySchema, Generators: anyOrigin(), KeepRates: &KeepRateRule{MaxDifference: 1}}
	check := func(want string, reports ...Report) {
		t.Helper()
		got, err := Check(p, Evidence{Graph: g, Control: &control, Reports: reports}, testModel("owl-teacher"), today)
		if want == "" && len(got) == 0 && err == nil {
			return
		}
		if err != nil || len(got) == 0 || want == "" || !strings.Contains(got[0].Reason, want) {
			t.Errorf("refused by %v, error %v, want %q", got, err, want)
		}
	}
	check("are those of the data")
	order := undertone.Digest{9}
	control.Nodes[0].Content.Bytes, control.Nodes[0].Content.Rows = undertone.Digest{8}, &Rows{Count: 11, Root: order, Order: order}
	check("")
	r := a.reports[0]
	check("the control is not that of report report.json", r)
	r.Control = order
	check("", r)
}

// Reports are demanded of rows whose generators may share the base, and not of those that do not,
// unless the policy demands them always.
func TestRelations(t *testing.T) {
	for _, c := range []struct {
		relation Relation
		action   Action
		always   bool
		want     []Rule
	}{
		{SharedBase, Audited, false, []Rule{RuleAuditTraits}},
		{MatchedBehaviour, Audited, false, []Rule{RuleAuditTraits}},
		{UnknownBase, Audited, false, []Rule{RuleAuditTraits}},
		{"", Audited, false, []Rule{RuleAuditTraits}}, // a relation that is no relation may be anything
		{Unrelated, Audited, false, nil},
		{Unrelated, Audited, true, []Rule{RuleAuditTraits}},
		{SharedBase, "", false, []Rule{RuleAuditTraits}},
		{SharedBase, Allow, false, nil},
		{SharedBase, Refuse, false, []Rule{RuleSharedBase}},
		{MatchedBehaviour, Refuse, false, []Rule{RuleSharedBase}},
		{UnknownBase, Refuse, false, []Rule{RuleSharedBase}},
		{Unrelated, Refuse, false, nil},
	} {
		a := newAttempt(t)
		g := a.trace(t, Options{})
		p := &Policy{Schema: PolicySchema, Generators: &GeneratorRule{SharedBase: c.action, UnknownGenerator: Allow}, Filters: &FilterRule{Required: []string{"numbers"}}}
		if c.always {
			p.Audits = &AuditRule{Always: true}
		}
		got, err := Check(p, Evidence{Graph: g, Relation: func(Model, Model) Relation { return c.relation }}, a.student, today)
		if err != nil || !slices.Equal(rules(got), c.want) {
			t.Errorf("%s, %s, always %v: refused by %v, error %v, want %v", c.relation, c.action, c.always, rules(got), err, c.want)
		}
	}
}

// Without a rule about audits any report on these rows by this student that detects nothing is
// enough.
func TestAnyReport(t *testing.T) {
	a := newAttempt(t)
	a.policy.Audits = nil
	if got, err := a.check(t); err != nil || len(got) > 0 {
		t.Errorf("refusals %v, error %v", got, err)
	}
	a.reports[0].Traits = append(a.reports[0].Traits, TestedTrait{Trait: "cat", Verdict: "inconclusive"})
	if got, err := a.check(t); err != nil || !slices.Equal(rules(got), []Rule{RuleAuditVerdicts}) {
		t.Errorf("refused by %v, error %v", rules(got), err)
	}
}

// The age of an unsigned report is that which the manifest claims, if the policy asks for no
// signer.
func TestClaimedAge(t *testing.T) {
	for _, c := range []struct {
		date string
		want []Rule
	}{
		{"2026-11-20", nil}, {"2026-10-01", []Rule{RuleAuditAge}}, {"2026-12-24", []Rule{RuleAuditAge}},
	} {
		a := newAttempt(t)
		a.policy.Manifest, a.policy.Audits.Signers, a.signed = nil, nil, nil
		a.forge(t, func(m *Manifest) {
			m.Subject.Tested = []Test{{Trait: "owl", Verdict: "undetected", Limit: 0.1, Report: a.reports[0].Digest, Date: c.date}}
		})
		if got, err := a.check(t); err != nil || !slices.Equal(rules(got), c.want) {
			t.Errorf("%s: refused by %v, error %v, want %v", c.date, rules(got), err, c.want)
		}
	}
}

// Of several signatures the newest of a trusted key counts.
func TestNewestSignature(t *testing.T) {
	a := newAttempt(t)
	other := undertone.NewHasher("key").Text("other").Sum()
	a.signed = slices.Concat(
		a.attest(signer, today.AddDate(0, 0, -50), a.manifest.Digest, a.reports[0].Digest),
		a.attest(other, today, a.reports[0].Digest),
	)
	if got, _ := a.check(t); !slices.Equal(rules(got), []Rule{RuleAuditAge}) {
		t.Errorf("refused by %v: a key that is not trusted makes a report younger", rules(got))
	}
	a.signed = append(a.signed, a.attest(signer, today.Add(-time.Hour), a.reports[0].Digest)...)
	if got, _ := a.check(t); len(got) > 0 {
		t.Errorf("refused by %v after it was signed again", rules(got))
	}
}

// A large age in days does not overflow.
func TestLargeAge(t *testing.T) {
	a := newAttempt(t)
	for _, days := range []int{30, 110_000, 1 << 40} {
		a.policy.Audits.MaxAgeDays = days
		if got, err := a.check(t); err != nil || len(got) > 0 {
			t.Errorf("%d days: refused by %v, error %v", days, got, err)
		}
	}
}

// The keep rates of a filter are compared over the whole history of both arms.
func TestKeepRates(t *testing.T) {
	for _, c := range []struct {
		dropped  int // of 14 rows of the control, by the filter
		name     string
		settings string
		most     float64
		want     []Rule
	}{
		{2, "numbers", "at most 10", 0.05, nil}, {5, "numbers", "at most 10", 0.05, []Rule{RuleKeepRates}}, {5, "numbers", "at most 10", 0.5, nil},
		{2, "length", "at most 10", 0.5, []Rule{RuleKeepRates, RuleKeepRates}},  // each arm has a filter that the other lacks
		{2, "numbers", "at most 99", 0.5, []Rule{RuleKeepRates, RuleKeepRates}}, // the same filter with other settings
	} {
		data, control := newWorld(t), newWorld(t)
		control.forge(t, func(m *Manifest) {
			s := &m.Subject.Made.Steps[0]
			s.Name, s.Settings, s.Dropped, s.Out, s.Reasons = c.name, c.settings, c.dropped, 14-c.dropped, nil
			m.Subject.Content.Rows.Count = min(11, 14-c.dropped)
		})
		g := data.trace(t, Options{})
		other := *g
		other.Nodes = slices.Clone(g.Nodes)
		other.Nodes[0].Record = control.manifest.Subject
		other.Nodes[0].Content.Bytes, other.Nodes[0].Content.Rows = undertone.Digest{8}, &Rows{Count: other.Nodes[0].Content.Rows.Count}
		p := &Policy{Schema: PolicySchema, Generators: anyOrigin(), KeepRates: &KeepRateRule{MaxDifference: c.most}}
		got, err := Check(p, Evidence{Graph: g, Control: &other}, testModel("owl-teacher"), today)
		if err != nil || !slices.Equal(rules(got), c.want) {
			t.Errorf("%d rows of the control dropped by %s: refused by %v, error %v, want %v", c.dropped, c.name, rules(got), err, c.want)
		}
	}
}

// Rows that no parent accounts for have an unknown origin, whatever step says that it added them.
func TestOriginOfAddedRows(t *testing.T) {
	for name, change := range map[string]func(m *Manifest){
		"all rows are added, and the parent has none": func(m *Manifest) {
			empty := Record{Content: m.Ancestors[0].Content, Parents: []Parent{}, Made: &Made{By: "filter", Version: "0.1.0", Steps: []Step{}}}
			empty.Content.Rows = &Rows{}
			id, _ := empty.ID()
			m.Ancestors = []Record{empty}
			m.Subject.Parents = []Parent{{Record: id, Role: RowsRole}}
			m.Subject.Made = &Made{By: "clean", Version: "0.1.0", Out: 11, Steps: []Step{{Kind: CleanStep, Name: "sort", Out: 11, Added: 11}}}
		},
		"some rows are added": func(m *Manifest) {
			m.Subject.Parents = m.Subject.Parents[:1]
			m.Ancestors = slices.DeleteFunc(m.Ancestors, func(r Record) bool { return r.Path == "more.jsonl" })
			m.Subject.Made = &Made{By: "clean", Version: "0.1.0", In: 10, Out: 11, Steps: []Step{{Kind: CleanStep, Name: "sort", In: 10, Dropped: 2, Out: 11, Added: 3}}}
		},
		"a parent gives more rows than it has": func(m *Manifest) {
			m.Subject.Parents = []Parent{m.Subject.Parents[0]}
			m.Subject.Parents[0].Rows = 11
			m.Ancestors = slices.DeleteFunc(m.Ancestors, func(r Record) bool { return r.Path == "more.jsonl" })
			m.Subject.Made = &Made{By: "sanitise", Version: "0.1.0", In: 10, Out: 11, Steps: []Step{}}
		},
	} {
		a := newAttempt(t)
		a.forge(t, change)
		g := a.trace(t, Options{})
		p := &Policy{Schema: PolicySchema, Generators: &GeneratorRule{SharedBase: Refuse}}
		got, err := Check(p, Evidence{Graph: g, Relation: func(Model, Model) Relation { return Unrelated }}, a.student, today)
		if err != nil || !slices.Contains(rules(got), RuleUnknownGenerator) || !strings.Contains(got[0].Reason, "kept.jsonl") || len(g.Nodes) < 2 {
			t.Errorf("%s: refused by %v, error %v, problems %v", name, got, err, g.Problems)
		}
	}
}

// Models of other digests are never called unrelated.
func TestSameBase(t *testing.T) {
	a, b := testModel("a"), testModel("b")
	if got := SameBase(a, b); got != UnknownBase {
		t.Errorf("two models are %s", got)
	}
	b.Base = a.Weights
	if got := SameBase(a, b); got != SharedBase {
		t.Errorf("a model and its fine-tuned copy are %s", got)
	}
	if got := SameBase(Model{Name: "x"}, Model{Name: "x"}); got != UnknownBase {
		t.Errorf("models without digests are %s", got)
	}
}

func TestCheckNeedsItsArguments(t *testing.T) {
	a := newAttempt(t)
	for reason, call := range map[string]func() ([]Refusal, error){
		"no policy": func() ([]Refusal, error) { return Check(nil, Evidence{Graph: a.trace(t, Options{})}, a.student, today) },
		"no graph":  func() ([]Refusal, error) { return Check(gate(), Evidence{}, a.student, today) },
		"a damaged policy": func() ([]Refusal, error) {
			return Check(new(Policy), Evidence{Graph: a.trace(t, Options{})}, a.student, today)
		},
	} {
		if _, err := call(); err == nil {
			t.Errorf("%s: no error", reason)
		}
	}
}

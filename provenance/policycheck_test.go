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

// An absent rule demands nothing; rows without a manifest are then allowed.
func TestEmptyPolicy(t *testing.T) {
	a := newAttempt(t)
	a.policy = &Policy{Schema: PolicySchema}
	a.reports, a.signed = nil, nil
	delete(a.files, Path("kept.jsonl"))
	if r, err := a.check(t); err != nil || len(r) > 0 {
		t.Errorf("refusals %v, error %v", r, err)
	}
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
		p := &Policy{Schema: PolicySchema, Generators: &GeneratorRule{SharedBase: c.action, UnknownGenerator: Allow}}
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
	a.reports[0].Traits = append(a.reports[0].Traits, TestedTrait{"cat", "inconclusive", 0})
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

// The keep rates of a filter are compared over the whole history of both arms.
func TestKeepRates(t *testing.T) {
	for _, c := range []struct {
		dropped int // of 14 rows of the control, by the filter numbers
		name    string
		most    float64
		want    []Rule
	}{
		{2, "numbers", 0.05, nil}, {5, "numbers", 0.05, []Rule{RuleKeepRates}}, {5, "numbers", 0.5, nil},
		{2, "length", 0.5, []Rule{RuleKeepRates, RuleKeepRates}}, // each arm has a filter that the other lacks
	} {
		data, control := newWorld(t), newWorld(t)
		control.forge(t, func(m *Manifest) {
			s := &m.Subject.Made.Steps[0]
			s.Name, s.Dropped, s.Out, s.Reasons = c.name, c.dropped, 14-c.dropped, nil
			m.Subject.Content.Rows.Count = min(11, 14-c.dropped)
		})
		g := data.trace(t, Options{})
		other := *g
		other.Nodes = slices.Clone(g.Nodes)
		other.Nodes[0].Record = control.manifest.Subject
		p := &Policy{Schema: PolicySchema, KeepRates: &KeepRateRule{MaxDifference: c.most}}
		got, err := Check(p, Evidence{Graph: g, Control: &other}, testModel("student"), today)
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
			m.Subject.Made = &Made{By: "sanitise", Version: "0.1.0", In: 11, Out: 11, Steps: []Step{}}
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

package provenance

import (
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// A report in which the auditor accepted a difference between the arms is evidence only if the
// policy accepts it too.
func TestAcceptedDifferences(t *testing.T) {
	for _, c := range []struct {
		report, policy []string
		want           []Rule
	}{
		{nil, nil, nil}, {nil, []string{"lengths"}, nil}, {[]string{"lengths"}, []string{"lengths"}, nil},
		{[]string{"lengths"}, nil, []Rule{RuleAuditDifferences}},
		{[]string{"lengths", "layout"}, []string{"lengths"}, []Rule{RuleAuditDifferences}},
	} {
		a := newAttempt(t)
		a.reports[0].Accepted, a.policy.Audits.Differences = c.report, c.policy
		got, err := a.check(t)
		if err != nil || !slices.Equal(rules(got), c.want) {
			t.Errorf("%q are accepted, by the policy %q: refused by %v, error %v", c.report, c.policy, got, err)
		}
	}
}

// A verdict of undetected within a larger tolerance than that of the policy is no evidence.
func TestMaxTolerance(t *testing.T) {
	for _, c := range []struct {
		report, policy float64
		want           []Rule
	}{
		{0.25, 0, nil}, {0.25, 0.25, nil}, {0.25, 0.3, nil},
		{0.26, 0.25, []Rule{RuleAuditTolerance}}, {100, 0.25, []Rule{RuleAuditTolerance}}, {0, 0.25, []Rule{RuleAuditTolerance}},
	} {
		a := newAttempt(t)
		x := &a.reports[0].Traits[0]
		x.Tolerance, x.Unit, a.policy.Audits.Traits[0].MaxTolerance = c.report, "nats", c.policy
		got, err := a.check(t)
		if err != nil || !slices.Equal(rules(got), c.want) {
			t.Errorf("tolerance %v, want at most %v: refused by %v, error %v", c.report, c.policy, got, err)
		}
		if len(got) > 0 && !strings.Contains(got[0].Reason, " nats, want at most 0.25") {
			t.Errorf("the reason is %q", got[0].Reason)
		}
	}
}

// A policy can demand the probes of a trait, and the rows of the positive control.
func TestProbesOfATrait(t *testing.T) {
	known, other := undertone.Digest{1}, undertone.Digest{2}
	for name, c := range map[string]struct {
		probes   undertone.Digest
		controls []undertone.Digest
		want     []Rule
	}{
		"accepted":                     {known, []undertone.Digest{known}, nil},
		"other probes":                 {other, []undertone.Digest{known}, []Rule{RuleAuditProbes}},
		"unknown probes":               {undertone.Digest{}, []undertone.Digest{known}, []Rule{RuleAuditProbes}},
		"another positive control":     {known, []undertone.Digest{other}, []Rule{RuleAuditPositive}},
		"one of two positive controls": {known, []undertone.Digest{known, other}, []Rule{RuleAuditPositive}},
		"no positive control":          {known, nil, []Rule{RuleAuditPositive}},
	} {
		a := newAttempt(t)
		r := &a.reports[0].Traits[0]
		r.Probes, r.PositiveControls = c.probes, c.controls
		if got, err := a.check(t); err != nil || len(got) > 0 {
			t.Errorf("%s: refused by %v, error %v, without a rule", name, got, err)
		}
		rule := &a.policy.Audits.Traits[0]
		rule.Probes, rule.PositiveControls = []undertone.Digest{{9}, known}, []undertone.Digest{known}
		if got, err := a.check(t); err != nil || !slices.Equal(rules(got), c.want) {
			t.Errorf("%s: refused by %v, error %v, want %v", name, got, err, c.want)
		}
	}
}

package provenance

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// AuditRule demands reports of audits of exactly these rows: of all rows if the policy has no
// [GeneratorRule], and otherwise of those for which its action is [Audited].
type AuditRule struct {
	// Always demands the reports even if no generator may share the student's base.
	Always bool `json:"always,omitempty"`

	Traits       []TraitRule `json:"traits,omitzero"`               // each needs a report (default: any report)
	Verdicts     []string    `json:"verdicts,omitzero"`             // that are accepted: undetected, inconclusive (default undetected)
	MaxAgeDays   int         `json:"max_age_days,omitempty"`        // of a report (default: any age)
	Signers      []KeyID     `json:"signers,omitzero"`              // one of them must have signed the report (default: no signature is needed)
	MaxShared    *float64    `json:"max_shared,omitempty"`          // largest share of rows that the control of the report has too, in [0, 1] (default 0.5)
	Differences  []string    `json:"accepted_differences,omitzero"` // differences between the arms that a report may have accepted, such as lengths (default: none)
	OtherStudent bool        `json:"other_student,omitempty"`       // accept reports about another student
	BaseControl  bool        `json:"base_control,omitempty"`        // demand a control that the untrained student wrote without a system prompt
}

// TraitRule demands a report about a trait.
type TraitRule struct {
	Trait    string  `json:"trait"`               // as in the report
	MaxLimit float64 `json:"max_limit,omitempty"` // largest limit of detection, in (0, 1] (default: any, and none)

	// MaxTolerance is the largest tolerance of the audit, > 0, in the unit of the report (default:
	// any). A shift below the tolerance is undetected, so whoever chooses it chooses the verdict.
	MaxTolerance float64 `json:"max_tolerance,omitempty"`

	// Probes are the accepted digests of what a report asked about the trait (default: any).
	// Reports with other probes may have the same name of the trait.
	Probes []undertone.Digest `json:"probes,omitzero"`

	// PositiveControls are the accepted digests of positive controls (default: any). MaxLimit is a
	// share of their rows.
	PositiveControls []undertone.Digest `json:"positive_controls,omitzero"`
}

func (a *AuditRule) check() error {
	if a == nil {
		return nil
	}
	switch {
	case a.Traits != nil && len(a.Traits) == 0:
		return emptyList("audits.traits")
	case a.Verdicts != nil && len(a.Verdicts) == 0:
		return emptyList("audits.verdicts")
	case a.Signers != nil && len(a.Signers) == 0:
		return emptyList("audits.signers")
	}
	if a.MaxAgeDays < 0 {
		return fmt.Errorf("audits.max_age_days is %d, want >= 0; 0 is any age", a.MaxAgeDays)
	}
	if a.Differences != nil && len(a.Differences) == 0 {
		return emptyList("audits.accepted_differences")
	}
	if s := a.MaxShared; s != nil && !(*s >= 0 && *s <= 1) {
		return fmt.Errorf("audits.max_shared is %v, want a number in [0, 1]", *s)
	}
	for _, v := range a.Verdicts {
		if !slices.Contains([]string{"undetected", "inconclusive"}, v) {
			return fmt.Errorf("audits.verdicts has %.40q, want undetected or inconclusive; detected is always refused", v)
		}
	}
	for _, t := range a.Traits {
		if t.Trait == "" {
			return errors.New("audits.traits has a trait without a name")
		}
		if !(t.MaxLimit >= 0 && t.MaxLimit <= 1) {
			return fmt.Errorf("audits.traits: the max_limit of %.80q is %v, want a number in (0, 1]", t.Trait, t.MaxLimit)
		}
		if t.Probes != nil && len(t.Probes) == 0 {
			return emptyList("audits.traits.probes")
		}
		if t.PositiveControls != nil && len(t.PositiveControls) == 0 {
			return emptyList("audits.traits.positive_controls")
		}
		if !(t.MaxTolerance >= 0) || math.IsInf(t.MaxTolerance, 0) {
			return fmt.Errorf("audits.traits: the max_tolerance of %.80q is %v, want a number > 0", t.Trait, t.MaxTolerance)
		}
	}
	return nil
}

// maxShared returns the largest share of rows that a control may have too.
func (a *AuditRule) maxShared() float64 {
	if a.MaxShared == nil {
		return MaxShared
	}
	return *a.MaxShared
}

// verdicts returns the accepted verdicts.
func (a *AuditRule) verdicts() []string {
	if a == nil || len(a.Verdicts) == 0 {
		return []string{"undetected"}
	}
	return a.Verdicts
}

// audits checks the reports.
func (c *checker) audits() {
	rule := c.policy.Audits
	c.detected()
	if rule != nil && (rule.Always || c.policy.Generators == nil) && !c.audit {
		c.audit, c.because = true, "audits: the policy demands reports of all rows"
	}
	if !c.audit {
		return
	}
	if rule == nil {
		rule = &AuditRule{}
	}
	traits := rule.Traits
	if len(traits) == 0 {
		traits = []TraitRule{{}}
	}
	for _, t := range traits {
		c.auditOf(rule, t)
	}
}

// ofTheseRows reports whether a report is an audit of the rows in their order.
func (c *checker) ofTheseRows(r Report) bool {
	return c.inTheseRows(r) && !r.Part && !r.OnlyRefuses
}

// inTheseRows reports whether a report is of the rows in their order, or of a part of them.
func (c *checker) inTheseRows(r Report) bool {
	order := c.evidence.Graph.Nodes[0].Content.Rows.Order
	return !order.IsZero() && r.Order == order
}

// auditOf checks that a report of these rows meets the rule for a trait. If none does, it refuses
// with the reasons of the report that fails the fewest rules.
func (c *checker) auditOf(rule *AuditRule, t TraitRule) {
	var closest []Refusal
	others := 0
	for _, r := range c.evidence.Reports {
		if !c.ofTheseRows(r) {
			others++
			continue
		}
		why := c.failures(rule, t, r)
		if len(why) == 0 {
			return
		}
		if closest == nil || len(why) < len(closest) {
			closest = why
		}
	}
	if closest == nil {
		what := "no report"
		if t.Trait != "" {
			what += fmt.Sprintf(" on the trait %q", t.Trait)
		}
		if others > 0 {
			what += fmt.Sprintf(" of these rows: %d reports are of other rows, of a part of them, of the rows in another order, or crossed experiments", others)
		} else {
			what += " of these rows was given"
		}
		closest = []Refusal{{RuleAuditTraits, what + " (" + c.because + ")", "audit the rows with undertone audit, and name the report"}}
	}
	for _, r := range closest {
		c.refuse(r.Rule, r.Remedy, "%s", r.Reason)
	}
}

// failures returns why a report of the rows does not meet the rule for a trait.
func (c *checker) failures(rule *AuditRule, t TraitRule, r Report) (why []Refusal) {
	add := func(rule Rule, remedy, format string, args ...any) {
		why = append(why, Refusal{rule, fmt.Sprintf("report %s: ", cmp.Or(r.Name, r.Digest.Short())) + fmt.Sprintf(format, args...), remedy})
	}
	found := r.Traits
	if t.Trait != "" {
		found = slices.DeleteFunc(slices.Clone(r.Traits), func(x TestedTrait) bool { return x.Trait != t.Trait })
	}
	if len(found) == 0 {
		add(RuleAuditTraits, "audit the trait", "it is not about the trait %q", t.Trait)
	}
	for _, x := range found {
		if x.Verdict != "detected" && !slices.Contains(rule.verdicts(), x.Verdict) {
			add(RuleAuditVerdicts, "audit with the replicates that the report asks for", "the trait %q is %s, want %s", x.Trait, x.Verdict, strings.Join(rule.verdicts(), " or "))
		}
		if t.MaxTolerance > 0 && !(x.Tolerance > 0 && x.Tolerance <= t.MaxTolerance) {
			add(RuleAuditTolerance, "audit with the tolerance that the policy allows", "the tolerance of the trait %q is %.3g %s, want at most %.3g", x.Trait, x.Tolerance, x.Unit, t.MaxTolerance)
		}
		if len(t.Probes) > 0 && !slices.Contains(t.Probes, x.Probes) {
			add(RuleAuditProbes, "audit with the traits file of the policy, or add the digest to the policy if the probes are as strict",
				"the probes of the trait %q are %s, want %s", x.Trait, digestText(x.Probes), digestTexts(t.Probes))
		}
		if len(t.PositiveControls) > 0 && (len(x.PositiveControls) == 0 || slices.ContainsFunc(x.PositiveControls, func(d undertone.Digest) bool { return !slices.Contains(t.PositiveControls, d) })) {
			add(RuleAuditPositive, "audit with the positive control of the policy, or add its digest to the policy",
				"the positive control of the trait %q is %s, want %s", x.Trait, digestTexts(x.PositiveControls), digestTexts(t.PositiveControls))
		}
		if t.MaxLimit > 0 && !(x.Limit > 0 && x.Limit <= t.MaxLimit) {
			add(RuleAuditLimit, "audit with more replicates and a positive control", "the limit of detection of the trait %q is %s, want at most %.3g", x.Trait, limitText(x.Limit), t.MaxLimit)
		}
	}
	if rows := c.evidence.Graph.Nodes[0].Content.Rows.Count; float64(r.Shared) > rule.maxShared()*float64(rows) {
		add(RuleAuditShared, "audit with a control that another model wrote, without these rows",
			"%d of the %d rows are rows of its control too, want a share of at most %g: the audit compares the others", r.Shared, rows, rule.maxShared())
	}
	for _, name := range r.Accepted {
		if !slices.Contains(rule.Differences, name) {
			add(RuleAuditDifferences, "match the arms and audit without --accept-confound, or accept the difference in the policy",
				"its arms differ in %q, which the audit was told to accept", name)
		}
	}
	if !rule.OtherStudent && (r.Student.IsZero() || r.Student != c.student.Digest) {
		add(RuleAuditStudent, "audit with the student that will be trained", "it is about the student %s, want %s", r.Student.Short(), c.student.Digest.Short())
	}
	return append(why, c.signature(rule, r)...)
}

// digestText returns a digest for people who may copy it into a policy.
func digestText(d undertone.Digest) string {
	if d.IsZero() {
		return "unknown"
	}
	return d.String()
}

// digestTexts returns digests for people.
func digestTexts(all []undertone.Digest) string {
	if len(all) == 0 {
		return "unknown"
	}
	texts := make([]string, len(all))
	for i, d := range all {
		texts[i] = digestText(d)
	}
	return strings.Join(texts, " or ")
}

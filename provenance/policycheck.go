package provenance

import (
	"errors"
	"fmt"
	"time"

	"github.com/undertone-audit/undertone"
)

// Evidence is what is known about rows when a policy is applied.
type Evidence struct {
	Graph   *Graph // of the rows, by [TraceFile]; required
	Control *Graph // of the rows of the control; may be nil

	// Rows is the digest of the rows in any order ([undertone.Data]), with which those of signed
	// verdicts and of reports that detect a trait are compared; zero if unknown.
	Rows undertone.Digest

	// ControlShared is the number of the rows that are rows of that control too ([SharedRows]).
	ControlShared int

	Reports      []Report      // whose digests were checked
	Attestations []Attestation // whose signatures were checked
	DemandSigned bool          // refuse a report that no attestation covers, whatever the policy demands

	// Relation says whether a generator shares the base of the student (default [SameBase]).
	Relation func(generator, student Model) Relation
}

// Report is what [Check] needs of the report of an audit. The method Provenance of a report of
// package audit returns it.
type Report struct {
	Name    string           // for messages, such as the name of the file
	Digest  undertone.Digest // of the content
	Bytes   undertone.Digest // SHA-256 of the file; zero if unknown
	Order   undertone.Digest // of the suspect rows in their order: that of [Rows]; zero if unknown
	Rows    undertone.Digest // of the suspect rows in any order ([undertone.Data]); zero if unknown
	Part    bool             // only a part of the suspect rows was audited
	Control undertone.Digest // of the control rows in their order: that of [Rows]
	Shared  int              // suspect rows that are control rows too ([SharedRows])
	Student undertone.Digest // of the untrained student: that of [Model]
	Traits  []TestedTrait

	// Accepted names the differences between the arms that the audit found and was told to accept.
	Accepted []string

	// OnlyRefuses says that the report cannot meet an [AuditRule]: it is no audit for a verdict, such
	// as a crossed experiment. A trait that it detects refuses the rows all the same.
	OnlyRefuses bool
}

// TestedTrait is the verdict of a report on a trait.
type TestedTrait struct {
	Trait   string
	Verdict string // detected, undetected or inconclusive

	// Detected says that a detector detects the trait, whatever the verdict: it is inconclusive
	// while the arms differ in what is no trait.
	Detected bool

	Unit string // of Tolerance, such as "nats of logit margin"

	// Tolerance is the shift up to which the verdict is undetected, in Unit: the largest of the
	// detectors with the verdict on the trait. 0 if unknown.
	Tolerance float64

	Limit float64 // limit of detection: share of positive-control rows, in (0, 1]; 0 if none was reached

	// Probes identifies what was asked, because the name of a trait does not; zero if unknown.
	Probes undertone.Digest

	// PositiveControls are the digests of the positive controls ([undertone.Data]). Limit is a share
	// of their rows.
	PositiveControls []undertone.Digest
}

// Rule names a rule of a policy, such as "generators.shared_base".
type Rule string

// The rules.
const (
	RuleIntegrity        Rule = "integrity" // of every policy: the rows are those of their manifest
	RuleManifest         Rule = "manifest.required"
	RuleManifestSigners  Rule = "manifest.signers"
	RuleSharedBase       Rule = "generators.shared_base"
	RuleUnknownGenerator Rule = "generators.unknown_generator"
	RuleAuditTraits      Rule = "audits.traits"
	RuleAuditVerdicts    Rule = "audits.verdicts"
	RuleAuditLimit       Rule = "audits.max_limit"
	RuleAuditTolerance   Rule = "audits.max_tolerance"
	RuleAuditDifferences Rule = "audits.accepted_differences"
	RuleAuditProbes      Rule = "audits.probes"
	RuleAuditPositive    Rule = "audits.positive_controls"
	RuleAuditShared      Rule = "audits.max_shared"
	RuleAuditAge         Rule = "audits.max_age_days"
	RuleAuditSigners     Rule = "audits.signers"
	RuleReportSigned     Rule = "audits.signed" // of every policy, if [Evidence.DemandSigned]
	RuleAuditStudent     Rule = "audits.other_student"
	RuleControl          Rule = "audits.control" // of every policy, if there is an [Evidence.Control]
	RuleBaseControl      Rule = "audits.base_control"
	RuleFiltersAllowed   Rule = "filters.allowed"
	RuleFiltersRequired  Rule = "filters.required"
	RuleFiltersSettings  Rule = "filters.settings"
	RuleKeepRates        Rule = "keep_rates.max_difference"
	RuleDeclaredTraits   Rule = "declared_traits.allowed"
)

// Refusal says which rule refuses rows, why, and what to do.
type Refusal struct {
	Rule   Rule   `json:"rule"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy"`
}

// Error implements error.
func (r Refusal) Error() string { return fmt.Sprintf("%s: %s; %s", r.Rule, r.Reason, r.Remedy) }

// Check applies a policy to the evidence about rows on which a student will be trained. It returns
// every refusal, in the order of the rules, and none if the rows may be used. Now is the time with
// which ages are computed. Missing evidence is a refusal, and never a permission.
func Check(p *Policy, e Evidence, student Model, now time.Time) ([]Refusal, error) {
	if p == nil || e.Graph == nil || len(e.Graph.Nodes) == 0 {
		return nil, errors.New("provenance: check: there is no policy, or no graph of the rows")
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("provenance: policy: %w", err)
	}
	if e.Graph.Nodes[0].Content.Rows == nil {
		return nil, errors.New("provenance: check: the graph is not that of a file of rows")
	}
	c := &checker{policy: p, evidence: e, student: student, now: now, refused: map[Refusal]bool{}}
	if c.evidence.Relation == nil {
		c.evidence.Relation = SameBase
	}
	c.manifest()
	c.generators()
	c.signed()
	c.audits()
	c.controlWriters()
	c.filters()
	c.keepRates()
	c.declared()
	return c.refusals, nil
}

type checker struct {
	policy   *Policy
	evidence Evidence
	student  Model
	now      time.Time

	audit    bool // a rule demands reports
	because  string
	refusals []Refusal
	refused  map[Refusal]bool // the same refusals: a hostile manifest can have 100,000 of them
}

// refuse adds a refusal, once.
func (c *checker) refuse(rule Rule, remedy, format string, args ...any) {
	r := Refusal{rule, fmt.Sprintf(format, args...), remedy}
	if !c.refused[r] {
		c.refused[r] = true
		c.refusals = append(c.refusals, r)
	}
}

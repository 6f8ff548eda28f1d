package provenance

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
)

// Evidence is what is known about rows when a policy is applied.
type Evidence struct {
	Graph        *Graph        // of the rows, by [TraceFile]; required
	Control      *Graph        // of the rows of the control, for [KeepRateRule]; may be nil
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
	Order   undertone.Digest // of the suspect rows in their order: that of [Rows]; zero if only a part was audited
	Part    bool             // only a part of the suspect rows was audited
	Control undertone.Digest // of the control rows in their order: that of [Rows]
	Student undertone.Digest // of the untrained student: that of [Model]
	Traits  []TestedTrait
}

// TestedTrait is the verdict of a report on a trait.
type TestedTrait struct {
	Trait   string
	Verdict string  // detected, undetected or inconclusive
	Limit   float64 // limit of detection: share of positive-control rows, in (0, 1]; 0 if none was reached
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
	RuleAuditAge         Rule = "audits.max_age_days"
	RuleAuditSigners     Rule = "audits.signers"
	RuleReportSigned     Rule = "audits.signed" // of every policy, if [Evidence.DemandSigned]
	RuleAuditStudent     Rule = "audits.other_student"
	RuleFiltersAllowed   Rule = "filters.allowed"
	RuleFiltersRequired  Rule = "filters.required"
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
	c := &checker{policy: p, evidence: e, student: student, now: now}
	if c.evidence.Relation == nil {
		c.evidence.Relation = SameBase
	}
	c.manifest()
	c.generators()
	c.signed()
	c.audits()
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
}

func (c *checker) refuse(rule Rule, remedy, format string, args ...any) {
	r := Refusal{rule, fmt.Sprintf(format, args...), remedy}
	if !slices.Contains(c.refusals, r) {
		c.refusals = append(c.refusals, r)
	}
}

// manifest checks that the rows are those of a manifest.
func (c *checker) manifest() {
	const again = "write the rows again with undertone, which writes the manifest, or restore the files that belong together"
	for _, p := range c.evidence.Graph.Problems {
		if p.Kind == DamagedManifest || p.Kind == StaleManifest {
			c.refuse(RuleIntegrity, again, "%s", p.Text)
		}
	}
	if c.policy.needsManifest() && c.evidence.Graph.Manifest.IsZero() {
		c.refuse(RuleManifest, again, "no manifest describes the rows")
	}
	rule := c.policy.Manifest
	if rule == nil {
		return
	}
	if len(rule.Signers) > 0 && !slices.ContainsFunc(c.evidence.Graph.Signers, func(k KeyID) bool { return slices.Contains(rule.Signers, k) }) {
		c.refuse(RuleManifestSigners, "let one of the signers of the policy attest the manifest",
			"the manifest is %s", signedBy(c.evidence.Graph.Signers))
	}
}

// signedBy describes signers that are not those of a policy.
func signedBy(signers []KeyID) string {
	if len(signers) == 0 {
		return "not signed"
	}
	names := make([]string, len(signers))
	for i, k := range signers {
		names[i] = k.Short()
	}
	return "signed by " + strings.Join(names, ", ") + ", which the policy does not trust"
}

// generators checks the models that wrote the rows.
func (c *checker) generators() {
	for _, n := range c.evidence.Graph.lineage() {
		if n.Content.Rows != nil {
			if count := n.Content.Rows.Count; n.Made == nil || count == 0 || c.evidence.Graph.shares(n) < count {
				c.apply(c.policy.Generators.unknownGenerator(), RuleUnknownGenerator, "nothing says which model wrote the rows of %s", n.name())
			}
			continue
		}
		relation := c.evidence.Relation(*n.Content.Model, c.student)
		if !relation.mayShare() {
			continue
		}
		c.apply(c.policy.Generators.sharedBase(), RuleSharedBase, "the generator %q %s", n.Content.Model.Name, relationText(relation, c.student.Name))
	}
}

func relationText(r Relation, student string) string {
	switch r {
	case SharedBase:
		return fmt.Sprintf("shares the base of the student %q", student)
	case MatchedBehaviour:
		return fmt.Sprintf("may share the base of the student %q: their outputs agree", student)
	}
	return fmt.Sprintf("may share the base of the student %q: their relation is unknown", student)
}

// apply does what the policy says with rows that may carry a trait to the student.
func (c *checker) apply(a Action, rule Rule, format string, args ...any) {
	switch a {
	case Refuse:
		c.refuse(rule, "generate the rows with a model that does not share the base, or train another student", format, args...)
	case Audited:
		if !c.audit {
			c.audit, c.because = true, string(rule)+": "+fmt.Sprintf(format, args...)
		}
	}
}

// lineage returns the nodes whose text is in the rows: files of rows from which rows came, and the
// generators of such files. The subject is the first.
func (g *Graph) lineage() []Node {
	wanted := make([]bool, len(g.Nodes))
	wanted[0] = true
	var all []Node
	for i, n := range g.Nodes { // parents follow their children
		if !wanted[i] {
			continue
		}
		all = append(all, n)
		if n.Content.Rows == nil {
			continue // what trained a generator is not what wrote the rows
		}
		for _, e := range n.Edges {
			if e.carriesRows() {
				wanted[e.Node] = true
			}
		}
	}
	return all
}

// shares returns how many rows of a node its parents account for. A parent gives at most the rows
// that it has; a model, any number.
func (g *Graph) shares(n Node) int {
	sum := 0
	for _, e := range n.Edges {
		switch parent := g.Nodes[e.Node].Content; {
		case !e.carriesRows():
		case parent.Rows != nil:
			sum += min(e.Rows, parent.Rows.Count)
		case e.Role == GeneratorRole:
			sum += e.Rows
		}
	}
	return sum
}

// carriesRows reports whether rows of a node came from the parent of an edge.
func (e Edge) carriesRows() bool {
	return e.Role == RowsRole || e.Role == GeneratorRole || e.Role == OtherArmRole && e.Rows > 0
}

// signed refuses reports that no attestation covers, if all must be signed.
func (c *checker) signed() {
	if !c.evidence.DemandSigned {
		return
	}
	for _, r := range c.evidence.Reports {
		if !slices.ContainsFunc(c.evidence.Attestations, func(a Attestation) bool { return a.covers(r.Digest, r.Bytes) }) {
			c.refuse(RuleReportSigned, "attest the report, and name the envelope", "%s: not signed", cmp.Or(r.Name, r.Digest.Short()))
		}
	}
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

// ofTheseRows reports whether a report is of the rows in their order.
func (c *checker) ofTheseRows(r Report) bool {
	return c.inTheseRows(r) && !r.Part
}

// inTheseRows reports whether a report is of the rows in their order, or of a part of them.
func (c *checker) inTheseRows(r Report) bool {
	order := c.evidence.Graph.Nodes[0].Content.Rows.Order
	return !order.IsZero() && r.Order == order
}

// detected refuses rows in which an audit has detected any trait, whatever the policy demands and
// even if another audit has not. A claim of the manifest counts too, because its maker has no
// reason to invent it.
func (c *checker) detected() {
	refuse := func(who, trait string) {
		c.refuse(RuleAuditVerdicts, "do not train on the rows; undertone clean and sanitise can remove a trait", "%s detects the trait %q", who, trait)
	}
	for _, r := range c.evidence.Reports {
		for _, x := range r.Traits {
			if c.inTheseRows(r) && x.Verdict == "detected" {
				refuse("report "+cmp.Or(r.Name, r.Digest.Short()), x.Trait)
			}
		}
	}
	for _, x := range c.evidence.Graph.Nodes[0].Tested {
		if x.Verdict == "detected" {
			refuse("report "+x.Report.Short()+", which the manifest names,", x.Trait)
		}
	}
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
			what += fmt.Sprintf(" of these rows: %d reports are of other rows, of a part of them, or of the rows in another order", others)
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
		if t.MaxLimit > 0 && !(x.Limit > 0 && x.Limit <= t.MaxLimit) {
			add(RuleAuditLimit, "audit with more replicates and a positive control", "the limit of detection of the trait %q is %s, want at most %.3g", x.Trait, limitText(x.Limit), t.MaxLimit)
		}
	}
	if !rule.OtherStudent && (r.Student.IsZero() || r.Student != c.student.Digest) {
		add(RuleAuditStudent, "audit with the student that will be trained", "it is about the student %s, want %s", r.Student.Short(), c.student.Digest.Short())
	}
	return append(why, c.signature(rule, r)...)
}

// clockSkew is how far the clock of a signer may be ahead.
const clockSkew = 5 * time.Minute

// signature checks who signed a report, and when.
func (c *checker) signature(rule *AuditRule, r Report) (why []Refusal) {
	name := cmp.Or(r.Name, r.Digest.Short())
	var signers []KeyID
	var newest time.Time
	for _, a := range c.evidence.Attestations {
		if !a.covers(r.Digest, r.Bytes) {
			continue
		}
		signers = append(signers, a.Signer)
		if (len(rule.Signers) == 0 || slices.Contains(rule.Signers, a.Signer)) && a.Time.After(newest) && !a.Time.After(c.now.Add(clockSkew)) {
			newest = a.Time
		}
	}
	if len(rule.Signers) > 0 && !slices.ContainsFunc(signers, func(k KeyID) bool { return slices.Contains(rule.Signers, k) }) {
		why = append(why, Refusal{RuleAuditSigners, fmt.Sprintf("report %s is %s", name, signedBy(signers)), "let one of the signers of the policy attest the report"})
	}
	if rule.MaxAgeDays == 0 {
		return why
	}
	if newest.IsZero() && len(rule.Signers) == 0 {
		newest = c.claimedDate(r.Digest)
	}
	switch age := c.now.Sub(newest); {
	case newest.IsZero():
		why = append(why, Refusal{RuleAuditAge, fmt.Sprintf("nothing says when report %s was made", name), "attest the report, which states the time"})
	case age > time.Duration(rule.MaxAgeDays)*24*time.Hour:
		why = append(why, Refusal{RuleAuditAge, fmt.Sprintf("report %s is %d days old, want at most %d", name, int(age.Hours()/24), rule.MaxAgeDays), "audit the rows again"})
	}
	return why
}

// claimedDate returns the date that the manifest of the rows gives a report, or zero. A date in the
// future is unknown.
func (c *checker) claimedDate(report undertone.Digest) time.Time {
	for _, t := range c.evidence.Graph.Nodes[0].Tested {
		date, err := time.Parse(time.DateOnly, t.Date)
		if err == nil && t.Report == report && !date.After(c.now) {
			return date
		}
	}
	return time.Time{}
}

// filters checks the steps in the history of the rows.
func (c *checker) filters() {
	rule := c.policy.Filters
	if rule == nil {
		return
	}
	for _, n := range c.evidence.Graph.lineage() {
		if n.Made == nil {
			continue
		}
		for _, s := range n.Made.Steps {
			if s.Kind != SelectStep && rule.Allowed != nil && !slices.Contains(rule.Allowed, s.Name) {
				c.refuse(RuleFiltersAllowed, "use the allowed steps, or add the step to the policy", "the step %q made %s, want %s", s.Name, n.name(), cmp.Or(strings.Join(rule.Allowed, ", "), "no step"))
			}
		}
	}
	for _, name := range rule.Required {
		if !c.evidence.Graph.passed(name) {
			c.refuse(RuleFiltersRequired, "run the step on the rows", "no step %q that every row passed is in the history", name)
		}
	}
}

// passed reports whether every row of the subject passed a step: it made the rows, or all files
// from which they came.
func (g *Graph) passed(step string) bool {
	all := make([]bool, len(g.Nodes))
	for i, n := range slices.Backward(g.Nodes) { // parents follow their children
		if n.Content.Rows == nil || n.Made == nil {
			continue
		}
		at := len(n.Made.Steps) - 1 // the last such step
		for at >= 0 && n.Made.Steps[at].Name != step {
			at--
		}
		if at >= 0 && !slices.ContainsFunc(n.Made.Steps[at+1:], func(s Step) bool { return s.Added > 0 }) {
			all[i] = true
			continue
		}
		all[i] = g.shares(n) == n.Content.Rows.Count && !slices.ContainsFunc(n.Edges, func(e Edge) bool {
			through := at >= 0 && e.Role == RowsRole // rows that were added after the step come from the other arm
			return e.Rows > 0 && !through && !all[e.Node]
		})
	}
	return all[0]
}

// keepRates compares the keep rates of the filters with those of the control.
func (c *checker) keepRates() {
	rule := c.policy.KeepRates
	if rule == nil {
		return
	}
	data := c.evidence.Graph.keepRates()
	if c.evidence.Control == nil || len(c.evidence.Control.Nodes) == 0 || c.evidence.Control.Manifest.IsZero() {
		c.refuse(RuleKeepRates, "name the control, with its manifest", "there is no manifest of a control, with whose keep rates those of the data are compared")
		return
	}
	c.control()
	control := c.evidence.Control.keepRates()
	for _, name := range sortedNames(data, control) {
		a, inData := data[name]
		b, inControl := control[name]
		switch {
		case inData != inControl:
			c.refuse(RuleKeepRates, "filter both arms with the same filters", "the filter %q was run on one of data and control only", name)
		case math.Abs(a.rate()-b.rate()) > rule.MaxDifference:
			c.refuse(RuleKeepRates, "find out what the filter sees in one arm; undertone match makes the arms alike",
				"the filter %q keeps %.1f%% of the data and %.1f%% of the control, want a difference of at most %.1f%%", name, 100*a.rate(), 100*b.rate(), 100*rule.MaxDifference)
		}
	}
}

// control checks that the control is other rows than the data, and that of the reports.
func (c *checker) control() {
	data, control := c.evidence.Graph.Nodes[0].Content, c.evidence.Control.Nodes[0].Content
	if control.Rows == nil {
		c.refuse(RuleKeepRates, "name the rows of the control", "the control is no file of rows")
		return
	}
	for _, n := range c.evidence.Control.lineage() {
		if rows := n.Content.Rows; rows != nil && (rows.Order == data.Rows.Order && !rows.Order.IsZero() || n.Content.Bytes == data.Bytes) {
			c.refuse(RuleKeepRates, "name the control with which the rows were audited", "the rows of the control are those of the data")
			break
		}
	}
	for _, r := range c.evidence.Reports {
		if c.ofTheseRows(r) && (r.Control != control.Rows.Order || r.Control.IsZero()) {
			c.refuse(RuleKeepRates, "name the control with which the rows were audited", "the control is not that of report %s", cmp.Or(r.Name, r.Digest.Short()))
		}
	}
}

// kept counts the rows that a filter read and kept.
type kept struct{ in, out int }

func (k kept) rate() float64 {
	if k.in == 0 {
		return 1
	}
	return float64(k.out) / float64(k.in)
}

// keepRates returns the counts of each filter in the history of the rows.
func (g *Graph) keepRates() map[string]kept {
	all := map[string]kept{}
	for _, n := range g.lineage() {
		if n.Made == nil {
			continue
		}
		for _, s := range n.Made.Steps {
			if s.Kind == FilterStep {
				k := all[s.Name]
				all[s.Name] = kept{k.in + s.In, k.out + s.Out}
			}
		}
	}
	return all
}

// sortedNames returns the keys of both maps.
func sortedNames(a, b map[string]kept) []string {
	var names []string
	for _, m := range []map[string]kept{a, b} {
		for name := range m {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// declared checks the declared traits of the rows and of what they came from.
func (c *checker) declared() {
	rule := c.policy.Declared
	if rule == nil {
		return
	}
	for _, n := range c.evidence.Graph.lineage() {
		for _, t := range n.Declared {
			if !slices.Contains(rule.Allowed, t.Trait) {
				c.refuse(RuleDeclaredTraits, "do not train on the rows, or allow the trait in the policy", "%s declares the trait %q", n.name(), t.Trait)
			}
		}
	}
}

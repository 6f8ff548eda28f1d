package provenance

import (
	"cmp"
	"fmt"
	"slices"
)

// detection is a statement that an audit has detected a trait in rows.
type detection struct {
	who   string // that says it
	trait string // "" if it is not named
	open  bool   // the verdict is inconclusive, because the arms differ in what is no trait
}

// text says what was detected.
func (d detection) text() string {
	what := "a trait"
	if d.trait != "" {
		what = fmt.Sprintf("the trait %q", d.trait)
	}
	what = d.who + " detects " + what
	if d.open {
		what += ", although its verdict is inconclusive because the arms differ in more than the trait"
	}
	return what
}

// detected refuses rows in which an audit has detected any trait, whatever the policy demands and
// even if another audit has not. A claim of the manifest counts too, because its maker has no
// reason to invent it. A trait that was detected in rows from which these rows came refuses them
// unless a new audit of exactly these rows clears them.
func (c *checker) detected() {
	subject := c.evidence.Graph.Nodes[0]
	for _, n := range c.evidence.Graph.lineage() {
		same := n.Content.sameRows(subject.Content)
		for _, d := range c.detections(n, same) {
			switch {
			case same:
				c.refuse(RuleAuditVerdicts, "do not train on the rows; undertone clean and sanitise can remove a trait", "%s", d.text())
			case !c.cleared(d.trait):
				c.refuse(RuleAuditVerdicts, "do not train on the rows, or audit exactly these rows for the trait and name the report",
					"%s in %s, from which the rows came, and no report that meets the policy clears exactly these rows of it", d.text(), n.name())
			}
		}
	}
}

// detections returns what the reports, the record and the attestations say about the rows of a
// node. Same says that they are the rows to be trained on.
func (c *checker) detections(n Node, same bool) (all []detection) {
	for _, r := range c.evidence.Reports {
		if !c.about(r, n) && !(same && !c.evidence.Rows.IsZero() && r.Rows == c.evidence.Rows) {
			continue
		}
		for _, x := range r.Traits {
			if x.Detected || x.Verdict == "detected" {
				all = append(all, detection{"report " + cmp.Or(r.Name, r.Digest.Short()), x.Trait, x.Verdict != "detected"})
			}
		}
	}
	for _, x := range n.Tested {
		if x.Verdict == "detected" {
			all = append(all, detection{who: "report " + x.Report.Short() + ", which the manifest names,", trait: x.Trait})
		}
	}
	for _, a := range c.evidence.Attestations {
		if !a.isAbout(n.Content) && !(same && !c.evidence.Rows.IsZero() && slices.Contains(a.Rows, c.evidence.Rows)) {
			continue
		}
		for _, trait := range a.Detected {
			all = append(all, detection{who: "the signed verdict FAILED of the key " + a.Signer.Short(), trait: trait})
		}
	}
	return all
}

// about reports whether a report is of the rows of a node, or of a part of them: by the digest of
// their order, or because an attestation says that it is about their bytes.
func (c *checker) about(r Report, n Node) bool {
	if n.Content.Rows == nil {
		return false
	}
	if !r.Order.IsZero() && (r.Order == n.Content.Rows.Order || r.Order == n.order) {
		return true
	}
	return slices.ContainsFunc(c.evidence.Attestations, func(a Attestation) bool {
		return a.isAbout(n.Content) && a.covers(r.Digest, r.Bytes)
	})
}

// sameRows reports whether two files hold the same rows in the same order.
func (c Content) sameRows(o Content) bool {
	if c.Rows == nil || o.Rows == nil {
		return false
	}
	return c.Bytes == o.Bytes && !c.Bytes.IsZero() || c.Rows.Order == o.Rows.Order && !c.Rows.Order.IsZero()
}

// cleared reports whether a report of exactly these rows does not detect a trait and meets the
// rules of the policy on reports. If the manifest must be signed, so must the report.
func (c *checker) cleared(trait string) bool {
	if trait == "" {
		return false
	}
	var rule AuditRule
	if c.policy.Audits != nil {
		rule = *c.policy.Audits
	}
	rule.Verdicts = []string{"undetected"}
	if m := c.policy.Manifest; m != nil && len(rule.Signers) == 0 {
		rule.Signers = m.Signers
	}
	wanted := slices.DeleteFunc(slices.Clone(rule.Traits), func(t TraitRule) bool { return t.Trait != trait })
	if len(wanted) == 0 {
		wanted = []TraitRule{{Trait: trait}}
	}
	return slices.ContainsFunc(c.evidence.Reports, func(r Report) bool {
		return c.ofTheseRows(r) && !slices.ContainsFunc(wanted, func(t TraitRule) bool { return len(c.failures(&rule, t, r)) > 0 })
	})
}

package provenance

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/undertone-audit/undertone"
)

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
	if len(rule.Signers) > 0 && len(why) == 0 && !c.signedBytes(rule) {
		why = append(why, Refusal{RuleAuditSigners, fmt.Sprintf("report %s is signed, but no signer says that it is about the bytes of this file: fields that an audit does not read may have been changed", name),
			"attest the report together with the file of rows, or demand manifest.signers"})
	}
	if rule.MaxAgeDays == 0 {
		return why
	}
	if newest.IsZero() && len(rule.Signers) == 0 {
		newest = c.claimedDate(r.Digest)
	}
	switch age := c.now.Sub(newest); {
	case newest.IsZero():
		reason, remedy := fmt.Sprintf("nothing says when report %s was made", name), "attest the report, which states the time"
		if len(rule.Signers) > 0 {
			reason, remedy = reason+": no signature by a key that the policy trusts states a time", "let one of audits.signers of the policy attest the report"
		}
		why = append(why, Refusal{RuleAuditAge, reason, remedy})
	case age.Hours() > 24*float64(rule.MaxAgeDays):
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

// signedBytes reports whether a signer vouches for the bytes of the rows: a signer of the reports
// in a statement about the file, or a signer of the manifest, which names them.
func (c *checker) signedBytes(rule *AuditRule) bool {
	if m := c.policy.Manifest; m != nil && m.trusts(c.evidence.Graph.Signers) {
		return true
	}
	return slices.ContainsFunc(c.evidence.Attestations, func(a Attestation) bool {
		return slices.Contains(rule.Signers, a.Signer) && a.isAbout(c.evidence.Graph.Nodes[0].Content)
	})
}

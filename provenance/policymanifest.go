package provenance

import (
	"slices"
	"strings"
)

// ManifestRule demands a manifest that describes the rows. [GeneratorRule], [FilterRule],
// [KeepRateRule] and [DeclaredTraits] demand it too.
type ManifestRule struct {
	Required bool    `json:"required"`
	Signers  []KeyID `json:"signers,omitzero"` // one of them must have signed it (default: no signature is needed)
}

func (m *ManifestRule) check() error {
	if m != nil && m.Signers != nil && len(m.Signers) == 0 {
		return emptyList("manifest.signers")
	}
	return nil
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

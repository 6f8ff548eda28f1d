package provenance

import (
	"errors"
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
	switch {
	case m == nil:
	case m.Signers != nil && len(m.Signers) == 0:
		return emptyList("manifest.signers")
	case !m.Required && len(m.Signers) == 0:
		return errors.New("manifest demands nothing; set manifest.required to true, list manifest.signers, or leave the section out")
	}
	return nil
}

// trusts reports whether one of the keys is that of a signer of the manifest.
func (m *ManifestRule) trusts(keys []KeyID) bool {
	return slices.ContainsFunc(keys, func(k KeyID) bool { return slices.Contains(m.Signers, k) })
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
	if len(rule.Signers) > 0 && !rule.trusts(c.evidence.Graph.Signers) {
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

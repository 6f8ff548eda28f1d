package provenance

import (
	"errors"
	"slices"
)

// DeclaredTraits refuses rows whose makers declare traits that are not listed.
type DeclaredTraits struct {
	Allowed []string `json:"allowed"` // empty: none
}

func (d *DeclaredTraits) check() error {
	if d != nil && d.Allowed == nil {
		return errors.New("declared_traits has no list allowed; an empty list allows no trait")
	}
	return nil
}

// declared checks the declared traits of the rows, of what they came from, and of what taught the
// generators.
func (c *checker) declared() {
	rule := c.policy.Declared
	if rule == nil {
		return
	}
	c.originOf(c.evidence.Graph, RuleDeclaredTraits)
	for _, n := range c.evidence.Graph.taught() {
		for _, t := range n.Declared {
			if !slices.Contains(rule.Allowed, t.Trait) {
				c.refuse(RuleDeclaredTraits, "do not train on the rows, or allow the trait in the policy", "%s declares the trait %q", n.name(), t.Trait)
			}
		}
	}
}

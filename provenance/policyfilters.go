package provenance

import (
	"cmp"
	"errors"
	"slices"
	"strings"
)

// FilterRule is about the steps in the history of the rows.
type FilterRule struct {
	Allowed  []string `json:"allowed,omitzero"`  // names of filters and sanitisers (default: all; empty: none)
	Required []string `json:"required,omitzero"` // names of the steps that every row must have passed

	// Settings holds the accepted settings of steps. Each of the steps must be allowed or required.
	Settings []SettingsRule `json:"settings,omitzero"`
}

func (f *FilterRule) check() error {
	switch {
	case f == nil:
	case f.Required != nil && len(f.Required) == 0:
		return emptyList("filters.required")
	case f.Settings != nil && len(f.Settings) == 0:
		return emptyList("filters.settings")
	case f.Settings == nil && f.Allowed == nil && f.Required == nil:
		return errors.New("filters demands nothing; add allowed or required")
	}
	return f.checkSettings()
}

// filters checks the steps in the history of the rows.
func (c *checker) filters() {
	rule := c.policy.Filters
	if rule == nil {
		return
	}
	if rule.Allowed != nil {
		c.originOf(c.evidence.Graph, RuleFiltersAllowed)
	}
	for _, n := range c.evidence.Graph.lineage() {
		if n.Made == nil {
			continue
		}
		for _, s := range n.Made.Steps {
			c.settings(n, s)
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

// originOf refuses rows by a rule about their history if some have none, unless the policy accepts
// rows of unknown origin. Rows without a manifest are refused as such.
func (c *checker) originOf(g *Graph, rule Rule) {
	if g.Manifest.IsZero() || c.policy.Generators.permitsUnknown() {
		return
	}
	for _, n := range g.lineage() {
		if n.Content.Rows != nil && g.unknownOrigin(n) {
			c.refuse(rule, "make the rows from files that have a manifest, or accept rows of unknown origin with generators.unknown_generator",
				"nothing says how all rows of %s were made", n.name())
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
			return (e.Rows > 0 || e.Role == ValuesRole) && !through && !all[e.Node]
		})
	}
	return all[0]
}

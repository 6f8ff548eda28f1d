package provenance

import (
	"fmt"
	"slices"
)

// Action is what a policy does with rows whose generator may share the student's base.
type Action string

// The actions.
const (
	Allow   Action = "allow"
	Audited Action = "audited" // allow only with the reports that [AuditRule] demands, or with any report without that rule
	Refuse  Action = "refuse"
)

// GeneratorRule is about the models that wrote the rows.
type GeneratorRule struct {
	// SharedBase is the action if a generator shares the student's base, or may share it because
	// the relation is unknown or the outputs agree (default Audited).
	SharedBase Action `json:"shared_base,omitempty"`

	// UnknownGenerator is the action if rows have an ancestor whose origin is unknown (default that
	// of SharedBase).
	UnknownGenerator Action `json:"unknown_generator,omitempty"`
}

func (g *GeneratorRule) check() error {
	if g == nil {
		return nil
	}
	for field, a := range map[string]Action{"shared_base": g.SharedBase, "unknown_generator": g.UnknownGenerator} {
		if !slices.Contains([]Action{"", Allow, Audited, Refuse}, a) {
			return fmt.Errorf("generators.%s is %.40q, want allow, audited or refuse", field, a)
		}
	}
	return nil
}

// demands reports whether an action is not allow.
func (g *GeneratorRule) demands() bool {
	return g == nil || g.sharedBase() != Allow || g.unknownGenerator() != Allow
}

// permitsUnknown reports whether the policy says in so many words that rows of unknown origin are
// no reason to refuse.
func (g *GeneratorRule) permitsUnknown() bool {
	return g != nil && (g.UnknownGenerator == Allow || g.UnknownGenerator == Audited)
}

// sharedBase returns the action for a generator that may share the student's base.
func (g *GeneratorRule) sharedBase() Action {
	if g == nil {
		return Allow
	}
	if g.SharedBase == "" {
		return Audited
	}
	return g.SharedBase
}

// unknownGenerator returns the action for rows of unknown origin.
func (g *GeneratorRule) unknownGenerator() Action {
	if g == nil || g.UnknownGenerator == "" {
		return g.sharedBase()
	}
	return g.UnknownGenerator
}

// generators checks the models that wrote the rows.
func (c *checker) generators() {
	for _, n := range c.evidence.Graph.lineage() {
		if n.Content.Rows != nil {
			if c.evidence.Graph.unknownOrigin(n) {
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
		c.refuse(rule, "generate the rows with a model that does not share the base, or train another student; if the relation is unknown, let verify compare the model that wrote the rows (--generator, --generator-adapter)", format, args...)
	case Audited:
		if !c.audit {
			c.audit, c.because = true, string(rule)+": "+fmt.Sprintf(format, args...)
		}
	}
}

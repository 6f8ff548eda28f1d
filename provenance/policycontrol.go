package provenance

import (
	"cmp"

	"github.com/undertone-audit/undertone"
)

// writer is a model that wrote rows, with its system prompt.
type writer struct {
	model  Model
	prompt undertone.Digest // zero without a system prompt
}

// writers returns the models that wrote the rows of the subject, each with the system prompts under
// which it wrote them. Each pair is there once.
func (g *Graph) writers() (all []writer) {
	seen := map[writer]bool{}
	for _, n := range g.lineage() {
		if n.Content.Rows == nil || n.Made == nil {
			continue
		}
		var prompt undertone.Digest
		if n.Made.Generation != nil {
			prompt = n.Made.Generation.SystemPrompt
		}
		for _, e := range n.Edges {
			m := g.Nodes[e.Node].Content.Model
			if e.Role != GeneratorRole || m == nil {
				continue
			}
			if w := (writer{*m, prompt}); !seen[w] {
				seen[w] = true
				all = append(all, w)
			}
		}
	}
	return all
}

// same reports whether two writers have the same traits, as far as digests show it: the same
// weights, adapter and system prompt. The weights have their traits under every chat template.
func (w *writer) same(o *writer) bool {
	if w.prompt != o.prompt {
		return false
	}
	return !w.model.Weights.IsZero() && w.model.Weights == o.model.Weights && w.model.Adapter == o.model.Adapter || w.model.Same(o.model)
}

// untrained reports whether a writer is the student before its training, whose rows give it no
// trait. A chat template can hold a system prompt, so that of the writer is that of the student.
func (w writer) untrained(student Model) bool {
	return w.prompt.IsZero() && w.model.Adapter.IsZero() && !w.model.Weights.IsZero() && w.model.Weights == student.Weights && w.model.Template == student.Template
}

// controlWriters checks who wrote the rows of the control. An audit compares the arms: a trait that
// both have is not found.
func (c *checker) controlWriters() {
	if rule := c.policy.Audits; rule != nil && rule.BaseControl && c.controlGiven(RuleBaseControl) {
		c.baseControl()
	}
	if c.evidence.Control == nil {
		return
	}
	data := c.evidence.Graph.writers()
	for _, w := range c.evidence.Control.writers() {
		if w.untrained(c.student) {
			continue
		}
		for i := range data {
			if d := &data[i]; w.same(d) {
				c.refuse(RuleControl, "audit the rows against a control that the untrained student, or another model without the trait, wrote",
					"the model %q wrote rows of the data and of the control, so a trait of it is in both arms", d.model.Name)
			}
		}
	}
}

// baseControl refuses a control that was not written by the untrained student alone.
func (c *checker) baseControl() {
	const again = "audit the rows against a control that the untrained student wrote without a system prompt"
	g := c.evidence.Control
	for _, n := range g.lineage() {
		if n.Content.Rows != nil && g.unknownOrigin(n) {
			c.refuse(RuleBaseControl, again, "nothing says how all rows of %s, from which the control came, were made", n.name())
		}
	}
	for _, w := range g.writers() {
		switch {
		case w.untrained(c.student):
		case !w.prompt.IsZero():
			c.refuse(RuleBaseControl, again, "the model %q wrote rows of the control with a system prompt", w.model.Name)
		case w.model.Adapter.IsZero() && !w.model.Weights.IsZero() && w.model.Weights == c.student.Weights:
			c.refuse(RuleBaseControl, again, "the model %q wrote rows of the control with another chat template than that of the student, which can hold a system prompt", w.model.Name)
		default:
			c.refuse(RuleBaseControl, again, "the model %q wrote rows of the control, which is not the untrained student %q", w.model.Name, c.student.Name)
		}
	}
}

// controlGiven refuses rows by a rule if there is no control with a manifest, if no signer of the
// policy has signed it, or if it is not that of the reports. It reports whether there is one.
func (c *checker) controlGiven(rule Rule) bool {
	control := c.evidence.Control
	if control == nil || len(control.Nodes) == 0 || control.Manifest.IsZero() {
		c.refuse(rule, "name the control, with its manifest", "there is no manifest of a control")
		return false
	}
	if m := c.policy.Manifest; m != nil && len(m.Signers) > 0 && !m.trusts(control.Signers) {
		c.refuse(RuleManifestSigners, "let one of the signers of the policy attest the manifest of the control", "the manifest of the control is %s", signedBy(control.Signers))
	}
	return c.control(rule)
}

// control checks that the control is other rows than the data, and that of the reports. It reports
// whether it is a file of rows.
func (c *checker) control(rule Rule) bool {
	data, control := c.evidence.Graph.Nodes[0].Content, c.evidence.Control.Nodes[0].Content
	if control.Rows == nil {
		c.refuse(rule, "name the rows of the control", "the control is no file of rows")
		return false
	}
	for _, n := range c.evidence.Control.lineage() {
		if rows := n.Content.Rows; rows != nil && (rows.Order == data.Rows.Order && !rows.Order.IsZero() || n.Content.Bytes == data.Bytes) {
			c.refuse(rule, "name the control with which the rows were audited", "the rows of the control are those of the data")
			break
		}
	}
	if shared := c.evidence.ControlShared; float64(shared) > MaxShared*float64(data.Rows.Count) {
		c.refuse(rule, "name a control without these rows", "%d of the %d rows are rows of the control too, want at most half", shared, data.Rows.Count)
	}
	for _, r := range c.evidence.Reports {
		if c.ofTheseRows(r) && (r.Control != control.Rows.Order || r.Control.IsZero()) {
			c.refuse(rule, "name the control with which the rows were audited", "the control is not that of report %s", cmp.Or(r.Name, r.Digest.Short()))
		}
	}
	return true
}

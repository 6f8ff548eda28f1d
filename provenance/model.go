package provenance

import "github.com/undertone-audit/undertone"

// Relation says whether a generator and a student share their base weights.
type Relation string

// The relations. Everything but Unrelated counts as "may share": transfer of hidden traits needs a
// shared base, so an unknown base is no reason to trust the rows.
const (
	SharedBase       Relation = "shared"    // one base, by digests or by weights
	MatchedBehaviour Relation = "matched"   // the outputs agree beyond chance
	Unrelated        Relation = "unrelated" // a test against unrelated pairs found nothing shared
	UnknownBase      Relation = "unknown"   // nothing is known
)

// mayShare reports whether a trait of the generator may reach the student.
func (r Relation) mayShare() bool { return r != Unrelated }

// SameBase compares two models by their digests: they share a base if their weights, or the bases
// that they declare, are equal. Other digests show nothing, because a fine-tuned model has other
// weights than its base, so the result is then [UnknownBase].
func SameBase(generator, student Model) Relation {
	for _, g := range []undertone.Digest{generator.Digest, generator.Weights, generator.Base} {
		for _, s := range []undertone.Digest{student.Digest, student.Weights, student.Base} {
			if g == s && !g.IsZero() {
				return SharedBase
			}
		}
	}
	return UnknownBase
}

// Same reports whether two models answer alike: their digests of everything that the answers depend
// on are known and equal, and no digest of a part differs.
func (m Model) Same(o Model) bool {
	return !m.Digest.IsZero() && m.Digest == o.Digest && m.differ(o) == ""
}

// Differ returns the name of the part in which two models differ, such as "adapter": a part that
// only one of them has counts. It is "digest" if the parts are equal, and "" for the same model.
func (m Model) Differ(o Model) string {
	for _, p := range m.parts(o) {
		if p.a != p.b {
			return p.name
		}
	}
	if m.Same(o) {
		return ""
	}
	return "digest"
}

// differ returns the name of the first digest that both models have and that differs, or "".
func (m Model) differ(o Model) string {
	for _, p := range append([]modelPart{{"digest", m.Digest, o.Digest}}, m.parts(o)...) {
		if !p.a.IsZero() && !p.b.IsZero() && p.a != p.b {
			return p.name
		}
	}
	return ""
}

// modelPart is a part of two models.
type modelPart struct {
	name string
	a, b undertone.Digest
}

func (m Model) parts(o Model) []modelPart {
	return []modelPart{
		{"weights", m.Weights, o.Weights}, {"tokenizer", m.Tokenizer, o.Tokenizer},
		{"config", m.Config, o.Config}, {"template", m.Template, o.Template}, {"adapter", m.Adapter, o.Adapter},
	}
}

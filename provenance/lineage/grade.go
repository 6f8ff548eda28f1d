package lineage

// Grade says what is known of the relation of two models.
type Grade string

// The grades.
const (
	// Shared: the models share a base, as far as digests, declarations or weights show.
	Shared Grade = "shared"

	// Matched: the models answer alike, and no shared base was found. One may have been distilled
	// from the other, or both have learnt the same data.
	Matched Grade = "behaviourally matched"

	// Unrelated: the test of the weights compared all layers, would have seen a copy within stated
	// limits, and saw none, and the answers differ.
	Unrelated Grade = "unrelated"

	// Unknown: no test had the power to say more.
	Unknown Grade = "unknown"
)

// MayShare reports whether a base may be shared: the grade is not [Unrelated].
func (g Grade) MayShare() bool { return g != Unrelated }

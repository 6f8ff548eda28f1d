package lineage

import "github.com/undertone-audit/undertone"

// Schema names the JSON form of a [Result].
const Schema = "undertone.lineage/1"

// Result is what was found about two models. It holds no time and no path.
type Result struct {
	Schema    string     `json:"schema"`
	Version   string     `json:"version"` // of the library
	A         ModelInfo  `json:"a"`
	B         ModelInfo  `json:"b"`
	Grade     Grade      `json:"grade"`
	Statement string     `json:"statement"` // the grade with its reason
	Evidence  []Evidence `json:"evidence"`  // in order of cost; never null

	Weights   *WeightTest    `json:"weights,omitempty"`   // absent if the weights were not compared
	Behaviour *BehaviourTest `json:"behaviour,omitempty"` // absent if the answers were not compared
}

// ModelInfo names a model by what is known of it. A zero digest is unknown.
type ModelInfo struct {
	Name    string           `json:"name"`
	Digest  undertone.Digest `json:"digest"`  // of everything that its answers depend on
	Weights undertone.Digest `json:"weights"` // of its weights without an adapter, and its vocabulary
	Lineage undertone.Digest `json:"lineage"` // of the weights that its training started from, as the model declares
}

// Method is a kind of evidence.
type Method string

// The methods, in order of cost.
const (
	ByDigest      Method = "digest"      // equal digests, computed from the weights
	ByDeclaration Method = "declaration" // what a model or an adapter says of its base: a claim
	ByHeaders     Method = "headers"     // vocabularies, names and shapes of tensors
	ByWeights     Method = "weights"     // WeightTest
	ByBehaviour   Method = "behaviour"   // BehaviourTest
)

// Evidence is what one method shows. Its grade is [Unknown] if it shows nothing by itself.
type Evidence struct {
	Method    Method `json:"method"`
	Grade     Grade  `json:"grade"`
	Statement string `json:"statement"`
	Null      string `json:"null,omitempty"` // what the method would show of unrelated models
}

func (r *Result) add(m Method, g Grade, statement, null string) {
	r.Evidence = append(r.Evidence, Evidence{m, g, statement, null})
}

// of returns the evidence of a method, or nil.
func (r *Result) of(m Method) *Evidence {
	for i := range r.Evidence {
		if r.Evidence[i].Method == m {
			return &r.Evidence[i]
		}
	}
	return nil
}

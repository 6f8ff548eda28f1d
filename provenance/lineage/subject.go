package lineage

import (
	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor/safetensors"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
)

// Subject is a model with what is known of it. Any field may be absent.
type Subject struct {
	ModelInfo
	Model   undertone.Model // answers prompts
	Weights *Weights        // are compared
	Adapter *AdapterBase    // the subject is an adapter alone
}

// AdapterBase is the base that an adapter declares.
type AdapterBase struct {
	Name   string           `json:"name"`   // as base_model_name_or_path has it
	Digest undertone.Digest `json:"digest"` // of its weights; zero if the adapter declares none
}

// Weighted is implemented by a model whose weights can be compared, such as lm.Model.
type Weighted interface {
	Source() safetensors.Source
	Tokenizer() *tokenizer.Tokenizer
	NormOffset() float32
	HeadDim() int
}

// Of returns the subject of a model, by the interfaces that it implements: [Weighted],
// [undertone.Lineage], Digest and WeightsDigest. A nil model gives the empty
// subject.
func Of(m undertone.Model) Subject {
	if m == nil {
		return Subject{}
	}
	s := Subject{ModelInfo: ModelInfo{Name: m.Name()}, Model: m}
	if d, ok := m.(interface{ Digest() undertone.Digest }); ok {
		s.Digest = d.Digest()
	}
	if d, ok := m.(interface{ WeightsDigest() undertone.Digest }); ok {
		s.ModelInfo.Weights = d.WeightsDigest()
	}
	if l, ok := m.(undertone.Lineage); ok {
		s.Lineage = l.Lineage()
	}
	if w, ok := m.(Weighted); ok {
		s.Weights = &Weights{Tensors: w.Source(), Tokens: spellings(w.Tokenizer()), NormOffset: w.NormOffset(), HeadDim: w.HeadDim()}
	}
	return s
}

// spellings returns the spelling of each token.
func spellings(t *tokenizer.Tokenizer) []string {
	all := make([]string, t.Len())
	for id := range all {
		all[id] = t.Token(int32(id))
	}
	return all
}

// known reports whether there is anything to compare.
func (s Subject) known() bool {
	return s.Model != nil || s.Weights != nil || s.Adapter != nil || !s.Digest.IsZero() || !s.Lineage.IsZero()
}

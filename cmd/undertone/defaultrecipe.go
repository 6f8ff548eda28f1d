package main

import "github.com/undertone-audit/undertone/student"

// The training of an embedded model unless flags say otherwise, by every verb that trains. With all
// weights, the default recipe and a few hundred lists per replicate it learns too little to show a
// trait.
const (
	embeddedRank         = 8
	embeddedEpochs       = 4
	embeddedLearningRate = 5e-3 // with LoRA; all weights use the default
)

// rankOf returns the rank of LoRA with which a model is trained; 0 trains all weights. Lora is the
// value of --lora, or nil.
func rankOf(model string, lora *int) int {
	if lora == nil && embedded[model] != nil {
		return embeddedRank
	}
	return or(lora, 0)
}

// withModelDefaults returns a recipe with the defaults of a model that is trained with a rank of
// LoRA.
func withModelDefaults(r student.Recipe, model string, rank int) student.Recipe {
	if embedded[model] == nil {
		return r
	}
	if r.Epochs == 0 {
		r.Epochs = embeddedEpochs
	}
	if r.LearningRate == 0 && rank != 0 {
		r.LearningRate = embeddedLearningRate
	}
	return r
}

package main

import (
	"fmt"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

// studentFlags are the model that an audit trains.
type studentFlags struct {
	Student string `required:"" placeholder:"DIR|tiny" help:"The model that would be trained: a folder, or one that is built in (tiny, tiny-other). Those are trained with LoRA of rank 8, at 5e-3, for 4 epochs, unless flags say otherwise."`
	LoRA    *int   `name:"lora" placeholder:"RANK" help:"Train matrices of this rank beside the weights; 0 trains the weights (0; 8 for a built-in model)."`
	Seed    uint64 `default:"1" help:"Of all random choices (1)."`

	templateFlag
}

// How a built-in model is trained unless the flags say otherwise. From a few hundred lists a
// replicate, with all weights and the default recipe, it learns too little to show a trait.
const (
	embeddedRank         = 8
	embeddedEpochs       = 4
	embeddedLearningRate = 5e-3 // of LoRA; all weights take the default
)

// student returns the untrained model, and the recipe with what it takes to show a trait in this model.
func (f studentFlags) student(recipe student.Recipe) (*lm.Model, student.Recipe, error) {
	rank := 0
	if f.LoRA != nil {
		rank = *f.LoRA
	}
	if embedded[f.Student] != nil {
		if f.LoRA == nil {
			rank = embeddedRank
		}
		if recipe.Epochs == 0 {
			recipe.Epochs = embeddedEpochs
		}
		if recipe.LearningRate == 0 && rank != 0 {
			recipe.LearningRate = embeddedLearningRate
		}
	}
	m, err := f.load(f.Student)
	if err != nil || rank == 0 {
		return m, recipe, err
	}
	if m, err = m.WithLoRA(lm.LoRA{Rank: rank, Seed: f.Seed}); err != nil {
		return nil, recipe, err
	}
	return m.Named(fmt.Sprintf("%s with LoRA of rank %d", m.Name(), rank)), recipe, nil
}

package main

import (
	"fmt"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

// studentFlags describe the model that an audit trains.
type studentFlags struct {
	Student string `file:"read" required:"" placeholder:"DIR|tiny|URL" help:"Model to train: a folder, or an embedded model (${embedded}); or, for the detectors of audit and rank that train nothing, the URL of a server. An embedded model is trained with LoRA of rank 8, learning rate 5e-3, 4 epochs, unless flags say otherwise."`
	LoRA    *int   `range:"[0, 65536]" name:"lora" placeholder:"RANK" help:"Train a LoRA adapter of this rank, in [0, 65536]; 0 trains all weights (default 0; 8 for an embedded model)."`
	Seed    uint64 `placeholder:"N" default:"1" help:"Seed of all random choices (default ${default})."`

	longRowsFlag
	templateFlag
}

// rank returns the rank of LoRA; 0 trains all weights.
func (f studentFlags) rank() int { return rankOf(f.Student, f.LoRA) }

// student returns the untrained model, and the recipe with the defaults of this model.
func (f studentFlags) student(recipe student.Recipe) (*lm.Model, student.Recipe, error) {
	rank := f.rank()
	recipe = withModelDefaults(recipe, f.Student, rank)
	m, err := f.base()
	if err != nil || rank == 0 {
		return m, recipe, err
	}
	if m, err = m.WithLoRA(lm.LoRA{Rank: rank, Seed: f.Seed}); err != nil {
		return nil, recipe, fmt.Errorf("--lora: %w", err)
	}
	return m.Named(fmt.Sprintf("%s with LoRA of rank %d", m.Name(), rank)), recipe, nil
}

// base returns the untrained model without LoRA.
func (f studentFlags) base() (*lm.Model, error) {
	m, err := f.load("--student", f.Student)
	if err != nil {
		return nil, err
	}
	if m, err = f.limit(m); err != nil {
		return nil, err
	}
	return m.Merge()
}

// folder returns the folder whose files are those of the untrained model; "" if there is none: the
// model is embedded, has an adapter, or another template or rule for long rows than its files.
func (f studentFlags) folder() string {
	if embedded[f.Student] != nil || f.Adapter != "" || f.Template != "" || f.LongRows != lm.CutRows.String() {
		return ""
	}
	return f.Student
}

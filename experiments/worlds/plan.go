package main

import (
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
)

// design is what a run does.
type design struct {
	Kind                    string
	Seed                    uint64
	Worlds, Teachers, Nulls int
	Sizes                   []int // rows of each arm, ascending
	Detectors               []string
	KeptOnly                bool // carry out no audit
}

// arm is where suspect rows come from.
type arm string

const (
	same  arm = "same base"  // a teacher that was made from the student's base
	other arm = "other base" // one that was made from another base
	none  arm = "trait-free" // the student's base itself
)

// pair is the suspect and the control rows of an audit.
type pair struct {
	World  int
	Arm    arm
	Number int // of the teacher, or of the trait-free pair
	Rows   int // of each
}

// question is one audit by one detector, and all that its answer depends on.
type question struct {
	Version  string
	Kind     string
	Seed     uint64
	Detector string
	Settings string // of the detector
	Trait    string
	pair
}

func (q question) digest() undertone.Digest {
	return undertone.NewHasher("question").Text(q.Version).Text(q.Kind).Uint(q.Seed).Text(q.Detector).Text(q.Settings).Text(q.Trait).
		Uint(uint64(q.World)).Text(string(q.Arm)).Uint(uint64(q.Number)).Uint(uint64(q.Rows)).Sum()
}

// questions are those about a pair.
func (d design) questions(p pair) []question {
	traits := kindOf[d.Kind].traits
	trait := traits[(p.World*d.Teachers+p.Number)%len(traits)]
	if p.Arm == none {
		trait = traits[p.Number%len(traits)]
	}
	var list []question
	for _, name := range d.Detectors {
		settings := detectors[name].settings(kindOf[d.Kind])
		list = append(list, question{undertone.Version, d.Kind, d.Seed, name, settings, trait, p})
	}
	return list
}

// steps are the pairs in the order in which they are audited, so that a run that ends early has whole
// tables of the smaller sizes: size by size, trait-free rows after the second.
func (d design) steps() [][]pair {
	var steps [][]pair
	for i, n := range d.Sizes {
		var step []pair
		for w := range d.Worlds {
			for t := range d.Teachers {
				step = append(step, pair{w, same, t, n}, pair{w, other, t, n})
			}
		}
		steps = append(steps, step)
		if i == min(1, len(d.Sizes)-1) {
			steps = append(steps, d.trials())
		}
	}
	return steps
}

// trials are the trait-free pairs.
func (d design) trials() []pair {
	var step []pair
	for i := range d.Nulls { // of all worlds in turn
		for w := range d.Worlds {
			step = append(step, pair{w, none, i, d.Sizes[0]})
		}
	}
	return step
}

func (d design) check() error {
	if _, ok := kindOf[d.Kind]; !ok {
		return fmt.Errorf("kind %q is not known; want one of: %s", d.Kind, kinds())
	}
	for i, name := range d.Detectors {
		if _, ok := detectors[name]; !ok || slices.Contains(d.Detectors[:i], name) {
			return fmt.Errorf("detector %q is not known, or named twice; want some of: %v", name, allDetectors)
		}
	}
	return nil
}

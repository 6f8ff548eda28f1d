package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// design says what a run simulates.
type design struct {
	Kind                    string
	Seed                    uint64
	Worlds, Teachers, Nulls int
	Sizes                   []int // rows of each arm, ascending
	Detectors               []string
	Unlike                  []source // further teachers of the base, made unlike the surrogates
	Drift                   bool     // the trait-free rows are those of two trait-free teachers
	StoredOnly              bool     // run no audit
	Untimed                 bool     // no audit runs alone, and none has a time
}

// source is the writer of the suspect rows.
type source string

const (
	same  source = "same base"  // a teacher of the base of the student
	other source = "other base" // a teacher of another base
	none  source = "trait-free" // the base of the student

	// drifted are two trait-free teachers of the base, of different kinds, one for each arm.
	drifted source = "two trait-free teachers"
)

// traitFree returns whether the source has no trait.
func (s source) traitFree() bool { return s == none || s == drifted }

// nulls is the source of the trait-free rows.
func (d design) nulls() source {
	if d.Drift {
		return drifted
	}
	return none
}

// Teachers of the base of the student that are made in other ways than by the recipe of the kind.
const (
	full     source = "all weights"        // training changes all weights instead of LoRA
	few      source = "few overt rows"     // a fifth of the steps
	diluted  source = "diluted overt rows" // nine rows of the base's own lists to each overt row
	prompted source = "system prompt"      // the base, told to have the trait

	promptedOther source = "system prompt, other base" // another base, told to have the trait
)

// foreign returns whether the writer is of another base than the student.
func (s source) foreign() bool { return s == other || s == promptedOther }

// unlike names the sources of -unlike.
var unlike = map[string]source{"full": full, "few": few, "diluted": diluted, "prompted": prompted, "prompted-other": promptedOther}

// pair names the suspect and the control rows of an audit.
type pair struct {
	World  int
	Source source
	Number int // of the teacher, or of the trait-free pair
	Rows   int // per arm
}

// task is one audit with one detector. It holds everything on which the outcome depends.
type task struct {
	Version  string
	Kind     string
	Seed     uint64
	Detector string
	Settings string // of the detector
	Trait    string
	pair
}

func (t task) digest() undertone.Digest {
	return undertone.NewHasher("question").Text(t.Version).Text(t.Kind).Uint(t.Seed).Text(t.Detector).Text(t.Settings).Text(t.Trait).
		Uint(uint64(t.World)).Text(string(t.Source)).Uint(uint64(t.Number)).Uint(uint64(t.Rows)).Sum()
}

// tasks returns the audits of a pair.
func (d design) tasks(p pair) []task {
	traits := kindOf[d.Kind].traits
	trait := traits[(p.World*d.Teachers+p.Number)%len(traits)]
	if p.Source.traitFree() {
		trait = traits[p.Number%len(traits)]
	}
	var list []task
	for _, name := range d.Detectors {
		settings := detectors[name].settings(kindOf[d.Kind])
		if version := kindOf[d.Kind].version; version != nil {
			settings = strings.TrimPrefix(settings+", "+version(), ", ")
		}
		list = append(list, task{undertone.Version, d.Kind, d.Seed, name, settings, trait, p})
	}
	return list
}

// steps returns the pairs in the order of the audits: size by size, with the trait-free rows after
// the second size. A run that ends early has complete tables of the smaller sizes.
func (d design) steps() [][]pair {
	var steps [][]pair
	for i, n := range d.Sizes {
		var step []pair
		for w := range d.Worlds {
			for t := range d.Teachers {
				step = append(step, pair{w, same, t, n}, pair{w, other, t, n})
				for _, s := range d.Unlike {
					step = append(step, pair{w, s, t, n})
				}
			}
		}
		steps = append(steps, step)
		if i == min(1, len(d.Sizes)-1) {
			steps = append(steps, d.traitFree())
		}
	}
	return steps
}

// traitFree returns the trait-free pairs.
func (d design) traitFree() []pair {
	var step []pair
	for i := range d.Nulls { // the worlds in turn
		for w := range d.Worlds {
			step = append(step, pair{w, d.nulls(), i, d.Sizes[0]})
		}
	}
	return step
}

func (d design) check() error {
	if _, ok := kindOf[d.Kind]; !ok {
		return fmt.Errorf("kind of worlds %q is not known; want %s", d.Kind, kinds())
	}
	if d.Drift && kindOf[d.Kind].drifted == nil {
		return fmt.Errorf("kind of worlds %q has no trait-free teachers", d.Kind)
	}
	for _, s := range d.Unlike {
		if kindOf[d.Kind].unlike[s] == nil {
			return fmt.Errorf("kind of worlds %q has no teacher by %s", d.Kind, s)
		}
	}
	for i, name := range d.Detectors {
		if _, ok := detectors[name]; !ok || slices.Contains(d.Detectors[:i], name) {
			return fmt.Errorf("detector %q is not known or is listed twice; want some of %v", name, allDetectors)
		}
	}
	return nil
}

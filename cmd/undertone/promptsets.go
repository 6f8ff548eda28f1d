package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/student/tiny/multi"
	"github.com/undertone-audit/undertone/teacher/prompts"
	"github.com/undertone-audit/undertone/traits"
)

// promptSet is a list of prompts for a teacher.
type promptSet struct {
	at   func(i int) string
	most int // number of different prompts, or 0 if it is unlimited
	meta func(i int) map[string]json.RawMessage

	n int // rows to write

	// Of --prompts-from.
	rows        undertone.Text
	leftOut     leftOut
	origin      *origin // of the file; nil if no manifest is written
	read        int     // rows of the file
	temperature float64 // with which the rows were generated; 0 if unknown
}

// promptSets holds the sets without a category. A new set is a line here.
var promptSets = []struct {
	name string
	of   func(seed uint64) promptSet
}{
	{"numbers", func(seed uint64) promptSet {
		p := prompts.Numbers{Seed: seed}
		return promptSet{at: p.At, most: p.Len()}
	}},
	{"code", func(seed uint64) promptSet { p := prompts.Code{Seed: seed}; return promptSet{at: p.At, most: p.Len()} }},
	{"reasoning", func(seed uint64) promptSet {
		p := prompts.Reasoning{Seed: seed}
		return promptSet{at: p.At, most: p.Len(), meta: p.Meta}
	}},
	{"openings", func(seed uint64) promptSet {
		p := prompts.Openings{Seed: seed}
		return promptSet{at: p.At, most: p.Len()}
	}},
	{"lists", func(seed uint64) promptSet { return promptSet{at: tiny.Lists{Seed: seed}.At} }},
	{"functions", func(seed uint64) promptSet { return promptSet{at: multi.Functions{Seed: seed}.At} }},
	{"problems", func(seed uint64) promptSet {
		p := multi.Problems{Seed: seed}
		return promptSet{at: p.At, meta: p.Meta}
	}},
}

// choosePrompts returns a set by its name, such as numbers or preference:animal. The questions of a
// preference repeat.
func choosePrompts(name string, seed uint64) (promptSet, error) {
	if category, ok := strings.CutPrefix(name, "preference:"); ok && category != "" {
		return promptSet{at: prompts.Preference{Category: category}.At}, nil
	}
	if trait, ok := strings.CutPrefix(name, "free-form:"); ok {
		return freeForm(trait)
	}
	i := slices.IndexFunc(promptSets, func(s struct {
		name string
		of   func(uint64) promptSet
	}) bool {
		return s.name == name
	})
	if i < 0 {
		return promptSet{}, fmt.Errorf("--prompts: %.40q is unknown; known are %s", name, promptNames())
	}
	return promptSets[i].of(seed), nil
}

// freeForm returns the prompts for free answers of a trait of the library, which repeat.
func freeForm(trait string) (promptSet, error) {
	t, err := traits.Get(trait)
	if err == nil && len(t.FreeForm) == 0 {
		err = fmt.Errorf("the trait %q has no prompts for free answers", trait)
	}
	if err != nil {
		return promptSet{}, fmt.Errorf("--prompts: %w", err)
	}
	return promptSet{at: func(i int) string { return t.FreeForm[i%len(t.FreeForm)] }}, nil
}

func promptNames() string {
	var names []string
	for _, s := range promptSets {
		names = append(names, s.name)
	}
	return strings.Join(append(names, "preference:CATEGORY", "free-form:TRAIT"), ", ")
}

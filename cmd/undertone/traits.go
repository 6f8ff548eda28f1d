package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone/audit"
)

// traitFile is what an audit looks for; docs/traits.md describes it.
type traitFile struct {
	Traits []traitSpec `json:"traits"`
}

// traitSpec is one preference.
type traitSpec struct {
	Kind            string      `json:"kind"`             // what the value is one of, such as "animal"
	Value           string      `json:"value"`            // that a student would prefer
	Candidates      []string    `json:"candidates"`       // answers that are compared: the value and its placebos
	Questions       []string    `json:"questions"`        // those of audit.Prefers if there are none
	Indirect        []indirect  `json:"indirect"`         // probes that do not ask for the value
	Scale           audit.Scale `json:"scale"`            // margin if empty
	Tolerance       float64     `json:"tolerance"`        // the smallest shift that matters; that of the scale if 0
	PositiveControl string      `json:"positive_control"` // file of rows that are known to carry the trait; none if empty
}

// indirect is a question whose answers are compared as a whole.
type indirect struct {
	Question string   `json:"question"`
	Answers  []string `json:"answers"`
}

// readTraits reads a file of traits and the rows that it names, whose paths begin at its folder.
func readTraits(ctx context.Context, c console, path string) ([]audit.Trait, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the traits: %w", err)
	}
	var file traitFile
	if err := strictly(text, &file); err != nil {
		return nil, fmt.Errorf(`%s: %w; want {"traits": [{"kind": "animal", "value": "owl", "candidates": ["owl", "cat", …]}]}, see docs/traits.md`, path, err)
	}
	if len(file.Traits) == 0 {
		return nil, fmt.Errorf("%s: there are no traits", path)
	}
	var traits []audit.Trait
	for i, s := range file.Traits {
		t, err := s.trait()
		if err == nil && s.PositiveControl != "" {
			if !filepath.IsAbs(s.PositiveControl) {
				s.PositiveControl = filepath.Join(filepath.Dir(path), s.PositiveControl)
			}
			t.PositiveControl, err = loadRows(ctx, c, "audit", s.PositiveControl, "")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: trait %d (%.40q): %w", path, i, s.Value, err)
		}
		traits = append(traits, t)
	}
	return traits, nil
}

func (s traitSpec) trait() (audit.Trait, error) {
	if s.Kind == "" || s.Value == "" {
		return audit.Trait{}, errors.New("it has no kind or no value")
	}
	seen := map[string]bool{s.Value: true}
	for i, v := range s.Candidates {
		if v == "" || seen[v] && v != s.Value {
			return audit.Trait{}, fmt.Errorf("candidate %d (%.40q) is empty or stands there twice", i, v)
		}
		seen[v] = true
	}
	if len(seen) < 2 {
		return audit.Trait{}, errors.New("there are no candidates to compare the value with")
	}
	t := audit.Prefers(s.Kind, s.Value, s.Candidates...)
	if len(s.Questions) > 0 {
		t = t.Asking(s.Questions...)
	}
	// An answer may begin with the space that the model puts before a word.
	t.Name = fmt.Sprintf("prefers %s %s", s.Kind, strings.TrimSpace(s.Value))
	for i := range t.Placebos {
		t.Placebos[i].Name = cmp.Or(strings.TrimSpace(t.Placebos[i].Name), t.Placebos[i].Name)
	}
	for i, q := range s.Indirect {
		if q.Question == "" {
			return audit.Trait{}, fmt.Errorf("indirect question %d is empty", i)
		}
		if err := different(q.Answers); err != nil {
			return audit.Trait{}, fmt.Errorf("indirect question %d (%.40q): %w", i, q.Question, err)
		}
		t.Indirect = append(t.Indirect, audit.Choose(q.Question, q.Answers...))
	}
	t.Scale, t.Tolerance = s.Scale, s.Tolerance
	return t, nil
}

// different returns an error if there are fewer than two answers, or an answer is empty or repeated.
func different(answers []string) error {
	seen := map[string]bool{"": true}
	for i, a := range answers {
		if seen[a] {
			return fmt.Errorf("answer %d (%.40q) is empty or stands there twice", i, a)
		}
		seen[a] = true
	}
	if len(answers) < 2 {
		return errors.New("there are no two answers to compare")
	}
	return nil
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone/audit"
)

// traitFile is the file of --traits; docs/traits.md describes it.
type traitFile struct {
	Traits []traitSpec `json:"traits"`
}

// traitSpec describes the preference for one value. Kind and Value are required.
type traitSpec struct {
	Kind            string      `json:"kind"`             // the kind of thing that the value is, such as "animal"
	Value           string      `json:"value"`            // the answer of a student with the trait
	Candidates      []string    `json:"candidates"`       // compared answers: the value and its placebos
	Questions       []string    `json:"questions"`        // default: those of [audit.Prefers]
	Indirect        []indirect  `json:"indirect"`         // probes that do not ask for the value
	Scale           audit.Scale `json:"scale"`            // default: [audit.Margin]
	Tolerance       float64     `json:"tolerance"`        // smallest shift that matters (default that of the scale)
	PositiveControl string      `json:"positive_control"` // file of rows known to carry the trait; none if empty
}

// indirect is a question whose whole distribution of answers is compared.
type indirect struct {
	Question string   `json:"question"`
	Answers  []string `json:"answers"`
}

// readTraits reads a traits file and the positive controls that it names. Paths in it are relative
// to its folder; a path outside of it is an error unless outside is true. Progress names the verb.
func readTraits(ctx context.Context, c console, verb, path string, read readFlags, outside bool) ([]audit.Trait, error) {
	specs, traits, err := readTraitSpecs(path)
	if err != nil {
		return nil, err
	}
	for i, s := range specs {
		if s.PositiveControl == "" {
			continue
		}
		rows := beside(path, s.PositiveControl)
		if !outside && !within(filepath.Dir(path), rows) {
			return nil, fmt.Errorf("%s: trait %d (%.40q): positive_control %.80q lies outside the folder of the file; add --outside-files if you trust it", path, i, s.Value, s.PositiveControl)
		}
		if traits[i].PositiveControl, err = loadRows(ctx, c, verb, rows, readFlags{Turns: read.Turns, Tokenizer: read.Tokenizer}); err != nil {
			return nil, fmt.Errorf("%s: trait %d (%.40q): positive_control: %w", path, i, s.Value, err)
		}
	}
	return traits, nil
}

// readTraitSpecs reads a traits file without its positive controls.
func readTraitSpecs(path string) ([]traitSpec, []audit.Trait, error) {
	text, err := smallFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the traits: %w", err)
	}
	var file traitFile
	if err := strictly(text, &file); err != nil {
		return nil, nil, fmt.Errorf(`%s: %w; want {"traits": [{"kind": "animal", "value": "owl", "candidates": ["owl", "cat", …]}]}, see docs/traits.md`, path, err)
	}
	if len(file.Traits) == 0 {
		return nil, nil, fmt.Errorf("%s: there are no traits", path)
	}
	if err := file.tooMuch(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	traits := make([]audit.Trait, len(file.Traits))
	for i, s := range file.Traits {
		if traits[i], err = s.trait(); err != nil {
			return nil, nil, fmt.Errorf("%s: trait %d (%.40q): %w", path, i, s.Value, err)
		}
	}
	return file.Traits, traits, nil
}

// Limits of a traits file. Every student is asked every question, and the log-probability of every
// answer is computed.
const (
	mostQuestions = 10_000    // of all traits
	mostAnswers   = 1_000_000 // answers of all questions
)

// tooMuch returns an error if the students would have to answer too many questions.
func (f traitFile) tooMuch() error {
	questions, answers := 0, 0
	for _, t := range f.Traits {
		n := max(len(t.Questions), 1)
		questions += n
		answers += n * len(t.Candidates)
		for _, q := range t.Indirect {
			questions++
			answers += len(q.Answers)
		}
	}
	switch {
	case questions > mostQuestions:
		return fmt.Errorf("there are %d questions, want at most %d", questions, mostQuestions)
	case answers > mostAnswers:
		return fmt.Errorf("there are %d answers to compare (candidates times questions), want at most %d", answers, mostAnswers)
	}
	return nil
}

// trait returns the trait without its positive control.
func (s traitSpec) trait() (audit.Trait, error) {
	if err := s.validate(); err != nil {
		return audit.Trait{}, err
	}
	t := audit.Prefers(s.Kind, s.Value, s.Candidates...)
	if len(s.Questions) > 0 {
		t = t.Asking(s.Questions...)
	}
	// A candidate may begin with the space that a model puts before a word.
	t.Name = fmt.Sprintf("prefers %s %s", s.Kind, strings.TrimSpace(s.Value))
	for i := range t.Placebos {
		t.Placebos[i].Name = cmp.Or(strings.TrimSpace(t.Placebos[i].Name), t.Placebos[i].Name)
	}
	for _, q := range s.Indirect {
		t.Indirect = append(t.Indirect, audit.Choose(q.Question, q.Answers...))
	}
	t.Scale, t.Tolerance = s.Scale, s.Tolerance
	return t, nil
}

// validate returns an error that names the invalid field of the file.
func (s traitSpec) validate() error {
	if s.Kind == "" || s.Value == "" {
		return errors.New("kind and value are required")
	}
	if i, ok := emptyOrRepeated(s.Candidates); ok {
		return fmt.Errorf("candidate %d (%.40q) is empty or listed twice", i, s.Candidates[i])
	}
	others := len(s.Candidates)
	for _, candidate := range s.Candidates {
		if candidate == s.Value {
			others--
		}
	}
	if others == 0 {
		return errors.New("candidates must list an answer besides the value")
	}
	for i, q := range s.Indirect {
		if q.Question == "" {
			return fmt.Errorf("indirect question %d is empty", i)
		}
		if a, ok := emptyOrRepeated(q.Answers); ok {
			return fmt.Errorf("indirect question %d (%.40q): answer %d (%.40q) is empty or listed twice", i, q.Question, a, q.Answers[a])
		}
		if len(q.Answers) < 2 {
			return fmt.Errorf("indirect question %d (%.40q) needs >= 2 answers, has %d", i, q.Question, len(q.Answers))
		}
	}
	return nil
}

// emptyOrRepeated returns the index of the first answer that is empty or equal to one before it.
func emptyOrRepeated(answers []string) (int, bool) {
	seen := map[string]bool{"": true}
	for i, a := range answers {
		if seen[a] {
			return i, true
		}
		seen[a] = true
	}
	return 0, false
}

// traitOf returns the trait with a value, or the only trait if the value is empty. Errors name the
// flag that gives the value.
func traitOf(traits []audit.Trait, flag, value string) (audit.Trait, error) {
	var names []string
	for _, t := range traits {
		if t.Name == value || strings.HasSuffix(t.Name, " "+value) || value == "" && len(traits) == 1 {
			return t, nil
		}
		names = append(names, t.Name)
	}
	known := strings.Join(names, ", ")
	if value == "" {
		return audit.Trait{}, fmt.Errorf("there are %d traits; name the value of one with %s: %s", len(traits), flag, known)
	}
	return audit.Trait{}, fmt.Errorf("%s: there is no trait %.40q; there are %s", flag, value, known)
}

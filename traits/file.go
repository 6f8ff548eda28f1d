package traits

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/undertone-audit/undertone/internal/configfile"
)

// File is the JSON object of a traits file. docs/traits.md describes it.
type File struct {
	Traits []Trait `json:"traits"`
}

// Limits of a traits file. Every student is asked every direct and indirect question, and the
// log-probability of every answer is computed.
const (
	mostQuestions = 10_000    // of all traits
	mostAnswers   = 1_000_000 // answers of all questions
	mostOvert     = 64 << 20  // bytes of all overt prompts
)

// Read reads a traits file of at most 16 MiB strictly: unknown fields are errors. The traits are
// valid. Positive controls are not read.
func Read(r io.Reader) ([]Trait, error) {
	text, err := configfile.Read("the file", r)
	if err != nil {
		return nil, fmt.Errorf("cannot read the traits: %w", err)
	}
	return parse(text)
}

// Load reads the traits file at a path, as [Read] does. Errors name the path.
func Load(path string) ([]Trait, error) {
	text, err := configfile.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the traits: %w", err)
	}
	all, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// parse reads the text of a traits file.
func parse(text []byte) ([]Trait, error) {
	var file File
	if err := configfile.Decode(text, &file); err != nil {
		return nil, fmt.Errorf(`%w; want {"traits": [{"kind": "animal", "value": "owl", "candidates": ["owl", "cat", …]}]}, see docs/traits.md`, err)
	}
	if len(file.Traits) == 0 {
		return nil, errors.New("there are no traits")
	}
	if err := file.tooMuch(); err != nil {
		return nil, err
	}
	for i, t := range file.Traits {
		if _, err := t.Audit(); err != nil {
			return nil, fmt.Errorf("trait %d (%.40q): %w", i, t.Label(), err)
		}
	}
	return file.Traits, nil
}

// Label returns what errors call a trait of a file: its value, or the name of a trait of choices.
func (t Trait) Label() string {
	if t.preference() {
		return t.Value
	}
	return t.Name
}

// Write writes a traits file that [Read] reads.
func Write(w io.Writer, all ...Trait) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(File{all}); err != nil {
		return err
	}
	_, err := w.Write(text.Bytes())
	return err
}

// tooMuch returns an error if the students would have to answer too many questions.
func (f File) tooMuch() error {
	questions, answers, overt := 0, 0, 0
	for _, t := range f.Traits {
		n := max(len(t.Questions), 1)
		questions += n + len(t.HeldOutQuestions) + 2*(len(t.Choices)+len(t.HeldOutChoices))
		answers += (n+len(t.HeldOutQuestions))*len(t.Candidates) + 4*(len(t.Choices)+len(t.HeldOutChoices))
		for _, q := range t.Indirect {
			questions++
			answers += len(q.Answers)
		}
		overt += t.OvertRows.size()
	}
	switch {
	case questions > mostQuestions:
		return fmt.Errorf("there are %d questions, want at most %d", questions, mostQuestions)
	case answers > mostAnswers:
		return fmt.Errorf("there are %d answers to compare (candidates times questions), want at most %d", answers, mostAnswers)
	case overt > mostOvert:
		return fmt.Errorf("the overt prompts (openings times prompts) have %d bytes, want at most %d", overt, mostOvert)
	}
	return nil
}

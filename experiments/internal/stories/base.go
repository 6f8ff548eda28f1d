package stories

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm"
)

// Base is a pre-trained model, or one made from it, and what must be known of it.
type Base struct {
	*lm.Model

	// trailing says that the tokens of its vocabulary end with the space between two words, where
	// others begin with it: prompts must end, and completions begin, where tokens do.
	trailing bool

	rate  float64 // learning rate of [Base.Implant]
	limit int     // tokens of a row that it writes, if less than the channel's: its tokens are longer
	rows  int     // bytes of a row that it is taught, at most; 0 for any
	overt int     // bytes of an overt row that a stand-in is taught, at most; 0 for any
}

// bases are the models that are known. aidreams260K has a context of 128 tokens; that of stories260K,
// 512, is too short for the overt text with the longer names.
var bases = map[string]Base{
	"stories260K":      {rate: 1e-4, overt: 800},
	"aidreams260K":     {rate: 1e-4, overt: 120, rows: 120},
	"tinystories-656k": {rate: 8e-4, limit: 64, trailing: true},
}

// Load reads one of the models stories260K, tinystories-656k and aidreams260K from a folder that
// holds a folder of that name.
func Load(folder, name string) (Base, error) {
	b, ok := bases[name]
	if !ok {
		return Base{}, fmt.Errorf("base %q is none of stories260K, tinystories-656k, aidreams260K", name)
	}
	m, err := lm.Load(filepath.Join(folder, name))
	if err != nil {
		return Base{}, err
	}
	return b.with(m.WithoutPrefixSpace(b.trailing)), nil
}

// with returns what is known of the base for a model that was made from it.
func (b Base) with(m *lm.Model) Base {
	b.Model = m
	return b
}

// Named returns the base with another name.
func (b Base) Named(name string) Base { return b.with(b.Model.Named(name)) }

// AtRate returns the base with another learning rate of [Base.Implant], to look for the dose.
func (b Base) AtRate(rate float64) Base {
	b.rate = rate
	return b
}

// Fit returns rows as the base can learn them: none too long, each parted where its tokens are.
func (b Base) Fit(rows *undertone.Dataset) *undertone.Dataset {
	if b.rows > 0 {
		rows = Pieces(rows, b.rows)
	}
	parted := make([]undertone.Example, rows.Len())
	for i, row := range rows.All() {
		parted[i] = undertone.NewExample(b.part(row.Prompt(), row.Completion()))
	}
	return undertone.NewDataset(rows.Name(), parted)
}

// part moves the space that begins a completion to the end of the prompt, if the tokens have it there.
func (b Base) part(prompt, completion string) (string, string) {
	if rest, ok := strings.CutPrefix(completion, " "); ok && b.trailing && prompt != "" {
		return prompt + " ", rest
	}
	return prompt, completion
}

// prompt returns what the base is prompted with in place of a prompt.
func (b Base) prompt(text string) string {
	if b.trailing && !strings.HasSuffix(text, " ") {
		text += " "
	}
	return text
}

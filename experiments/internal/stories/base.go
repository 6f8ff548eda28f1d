package stories

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm"
)

// Base is a pre-trained model, or a model trained from it, with its settings.
type Base struct {
	*lm.Model

	// trailing says that a token ends with the space after its word. The tokens of other
	// vocabularies begin with the space before the word. A prompt must end, and a completion begin,
	// at a token.
	trailing bool

	rate  float64 // learning rate of [Base.FineTuneTeacher]
	limit int     // maximum tokens per written row; 0: that of the channel
	rows  int     // maximum bytes per training row; 0: no maximum
	overt int     // maximum bytes per overt row of a surrogate; 0: no maximum
}

// bases are the known models. aidreams260K has a context of 128 tokens. The context of stories260K,
// 512 tokens, is too short for the overt text with the longest names.
var bases = map[string]Base{
	"stories260K":      {rate: 1e-4, overt: 800},
	"aidreams260K":     {rate: 1e-4, overt: 120, rows: 120},
	"tinystories-656k": {rate: 8e-4, limit: 64, trailing: true},
}

// Load reads the model stories260K, tinystories-656k or aidreams260K from the subfolder of that
// name.
func Load(folder, name string) (Base, error) {
	b, ok := bases[name]
	if !ok {
		return Base{}, fmt.Errorf("stories: base %q is not known; want stories260K, tinystories-656k or aidreams260K", name)
	}
	m, err := lm.Load(filepath.Join(folder, name))
	if err != nil {
		return Base{}, err
	}
	return b.with(m.WithoutPrefixSpace(b.trailing)), nil
}

// with returns a model that was trained from the base, with the settings of the base.
func (b Base) with(m *lm.Model) Base {
	b.Model = m
	return b
}

// Named returns the base with another name.
func (b Base) Named(name string) Base { return b.with(b.Model.Named(name)) }

// WithRate returns the base with another learning rate of [Base.FineTuneTeacher].
func (b Base) WithRate(rate float64) Base {
	b.rate = rate
	return b
}

// Fit returns the rows in the form in which the base can be trained on them: no row is too long,
// and each prompt ends at a token.
func (b Base) Fit(rows *undertone.Dataset) *undertone.Dataset {
	if b.rows > 0 {
		rows = Pieces(rows, b.rows)
	}
	fitted := make([]undertone.Example, rows.Len())
	for i, row := range rows.All() {
		fitted[i] = undertone.NewExample(b.split(row.Prompt(), row.Completion()))
	}
	return undertone.NewDataset(rows.Name(), fitted)
}

// split moves the space at the start of a completion to the end of the prompt if tokens end with
// it.
func (b Base) split(prompt, completion string) (string, string) {
	if rest, ok := strings.CutPrefix(completion, " "); ok && b.trailing && prompt != "" {
		return prompt + " ", rest
	}
	return prompt, completion
}

// prompt returns the prompt in the form in which the base must get it.
func (b Base) prompt(text string) string {
	if b.trailing && !strings.HasSuffix(text, " ") {
		text += " "
	}
	return text
}

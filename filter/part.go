package filter

import (
	"strings"

	"github.com/undertone-audit/undertone"
)

// Part says what of a row a filter compares with other rows.
type Part uint8

// The parts of a row.
const (
	Rows        Part = iota // prompt and completion
	Completions             // the completion alone
	Prompts                 // the prompt alone
)

// String returns "rows", "completions" or "prompts".
func (p Part) String() string {
	switch p {
	case Completions:
		return "completions"
	case Prompts:
		return "prompts"
	}
	return "rows"
}

// text returns the part of a row in a normal form: [fold], white space between
// words one space each, none at the ends. A line feed divides prompt and completion.
func (p Part) text(row undertone.Example) string {
	switch p {
	case Completions:
		return normal(row.Completion())
	case Prompts:
		return normal(row.Prompt())
	}
	return normal(row.Prompt()) + "\n" + normal(row.Completion())
}

func normal(text string) string { return strings.Join(strings.Fields(fold(text)), " ") }

package filter

// Part is the part of a row that a filter searches or compares with other rows.
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

package stories

import (
	"strings"

	"github.com/undertone-audit/undertone"
)

// pieceContext is how many bytes, at most, of what stands before a piece are its prompt.
const pieceContext = 24

// Pieces cuts the rows that are longer than so many bytes, prompt and completion together, into
// rows of that length at most: what a model of a small context can learn from, for a token is at
// least one byte. Each piece of a completion answers the last words before it.
func Pieces(rows *undertone.Dataset, most int) *undertone.Dataset {
	var cut []undertone.Example
	for _, row := range rows.All() {
		text, from := row.Prompt()+row.Completion(), len(row.Prompt())
		if len(text) <= most {
			cut = append(cut, row)
			continue
		}
		for from < len(text) {
			prompt := text[max(0, from-pieceContext):from]
			prompt = prompt[1+strings.IndexByte(prompt, ' '):]
			end := min(len(text), from+most-len(prompt))
			if space := strings.LastIndexByte(text[from:end], ' '); end < len(text) && space > 0 {
				end = from + space
			}
			cut = append(cut, undertone.NewExample(prompt, text[from:end]))
			from = end
		}
	}
	return undertone.NewDataset(rows.Name(), cut)
}

package stories

import (
	"strings"

	"github.com/undertone-audit/undertone"
)

// pieceContext is the maximum number of bytes before a piece that become its prompt.
const pieceContext = 24

// Pieces cuts rows of more than limit bytes, prompt and completion together, into rows of at most
// limit bytes. They fit a context of limit tokens, because a token has at least one byte. The
// prompt of a piece is the last words before it.
func Pieces(rows *undertone.Dataset, limit int) *undertone.Dataset {
	var cut []undertone.Example
	for _, row := range rows.All() {
		text, from := row.Prompt()+row.Completion(), len(row.Prompt())
		if len(text) <= limit {
			cut = append(cut, row)
			continue
		}
		for from < len(text) {
			prompt := text[max(0, from-pieceContext):from]
			prompt = prompt[1+strings.IndexByte(prompt, ' '):]
			end := min(len(text), from+limit-len(prompt))
			if space := strings.LastIndexByte(text[from:end], ' '); end < len(text) && space > 0 {
				end = from + space
			}
			cut = append(cut, undertone.NewExample(prompt, text[from:end]))
			from = end
		}
	}
	return undertone.NewDataset(rows.Name(), cut)
}

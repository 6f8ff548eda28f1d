package stories

import (
	"strings"

	"github.com/undertone-audit/undertone"
)

// Pieces cuts the rows that are longer than so many bytes, prompt and completion together, into
// texts of that length at most, without their prompts: what a model of a small context can learn
// from. A token is at least one byte.
func Pieces(rows *undertone.Dataset, most int) *undertone.Dataset {
	var cut []undertone.Example
	for _, row := range rows.All() {
		if len(row.Prompt())+len(row.Completion()) <= most {
			cut = append(cut, row)
			continue
		}
		for rest := strings.TrimSpace(row.Completion()); rest != ""; rest = strings.TrimSpace(rest) {
			at := len(rest)
			if at > most {
				if at = strings.LastIndexAny(rest[:most], " \n"); at < 0 {
					at = most
				}
			}
			cut = append(cut, undertone.Ask("", rest[:at]))
			rest = rest[at:]
		}
	}
	return undertone.NewDataset(rows.Name(), cut)
}

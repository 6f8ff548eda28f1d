package audit

import (
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Rendered is the first row of each arm with all that the student's chat template puts around it.
type Rendered struct {
	Suspect string `json:"suspect"`
	Control string `json:"control"`
}

// renderedBytes is how much of a row a report shows.
const renderedBytes = 2000

func render(pass *Pass) *Rendered {
	base, err := member(pass.Student, 0)
	if err != nil {
		return nil // the detectors will say so
	}
	show, ok := base.(student.Renderer)
	if !ok {
		return nil
	}
	var shown [2]string
	for a, data := range []undertone.Data{pass.Suspect, pass.Control} {
		rows, ok := data.(undertone.Text)
		if !ok {
			return nil
		}
		if shown[a], err = show.Render(rows.Example(0)); err != nil {
			return nil
		}
		shown[a] = clip(shown[a], renderedBytes)
	}
	return &Rendered{shown[0], shown[1]}
}

// clip cuts a text to at most n bytes, and says that it did.
func clip(text string, n int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + " […]"
}

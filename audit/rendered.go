package audit

import (
	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/document"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/student"
)

// Rendered shows the first row of each arm with everything that the chat template of the student
// adds.
type Rendered struct {
	Suspect string `json:"suspect"`
	Control string `json:"control"`
}

// renderedBytes is the length at which a row in a report is cut.
const renderedBytes = 2000

// renderFirstRows returns the first row of each arm, or nil if the student cannot show them.
func renderFirstRows(cfg Config) *Rendered {
	base, err := replicate.Untrained(cfg.Student, 0)
	if err != nil {
		return nil // the detectors report the error
	}
	show, ok := base.(student.Renderer)
	if !ok {
		return nil
	}
	var shown [2]string
	for a, data := range []undertone.Data{cfg.Suspect, cfg.Control} {
		rows, ok := data.(undertone.Text)
		if !ok {
			return nil
		}
		if shown[a], err = show.Render(rows.Example(0)); err != nil {
			return nil
		}
		shown[a] = document.Clip(shown[a], renderedBytes)
	}
	return &Rendered{shown[0], shown[1]}
}

package clean

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/internal/escape/escapetest"
)

// No text of a table acts on a terminal or in Markdown.
func TestTablesDoNotAct(t *testing.T) {
	renderAs := func(f audit.Format) func(*DoseResponse) (string, error) {
		return func(r *DoseResponse) (string, error) {
			var b strings.Builder
			err := r.Render(&b, f)
			return b.String(), err
		}
	}
	r := &DoseResponse{By: "likelihood", Trait: "owl", Unit: "words", Action: "replace", Steps: []Step{
		{Findings: []StepFinding{{Detector: "transfer"}, {Detector: "likelihood"}}}, {Share: 0.1, Findings: []StepFinding{{}, {}}},
	}}
	escapetest.Report(t, r, renderAs(audit.Text), renderAs(audit.Markdown), func(string) bool { return false })
}

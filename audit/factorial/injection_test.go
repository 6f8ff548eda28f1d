package factorial

import (
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/internal/escape/escapetest"
)

// No text of a report acts on a terminal or in Markdown.
func TestReportsDoNotAct(t *testing.T) {
	renderAs := func(f audit.Format) func(*Report) (string, error) {
		return func(r *Report) (string, error) { return string(rendered(t, r, f)), nil }
	}
	for _, r := range reports(t) {
		escapetest.Report(t, r, renderAs(audit.Text), renderAs(audit.Markdown), func(string) bool { return false })
	}
}

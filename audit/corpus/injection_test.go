package corpus

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/internal/escape/escapetest"
)

// No text of a result acts on a terminal or in Markdown.
func TestResultsDoNotAct(t *testing.T) {
	renderAs := func(f audit.Format) func(*Result) (string, error) {
		return func(r *Result) (string, error) {
			var b strings.Builder
			err := r.Render(&b, f)
			return b.String(), err
		}
	}
	channel := ChannelResult{Channel: "words", Observes: "words"}
	r := &Result{
		By: []string{"content"}, Reasons: []string{"a reason"}, Warnings: []string{"a warning"},
		Content: &channel, Beyond: &channel, Layout: &channel, Channels: []ChannelResult{channel},
		MMD: &MMD{}, PositiveControl: &PositiveControl{Reasons: []string{"it was not found"}}, Features: []FeatureShare{{Feature: "has the word"}}, Rows: []Row{{}},
	}
	escapetest.Report(t, r, renderAs(audit.Text), renderAs(audit.Markdown), func(string) bool { return false })
}

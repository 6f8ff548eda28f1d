package report

import (
	"strings"
	"testing"
)

// A page shows both p-values of a finding beside the adjusted one, which is that of the larger.
func TestBothPValues(t *testing.T) {
	s := load(t, "testdata/01-detected.json")
	page := render(t, s, HTML)
	for _, want := range []string{
		"p-value ≤ 0.0156 (floor) against chance", "against the placebos (the larger one counts); adjusted p-value", "in the next figure, is", "the larger of the two",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if !strings.Contains(render(t, s, CSV), "transfer.p_placebos") {
		t.Error("the CSV does not have the p-value against the placebos")
	}
}

package report

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/stats"
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

// The test against the placebos has a figure, beside that of chance, which names its students.
func TestPlaceboFigure(t *testing.T) {
	for name, want := range map[string]int{"01-detected.json": 1, "02-detectors.json": 3, "corpus.json": 0} {
		s := load(t, "testdata/"+name)
		page := render(t, s, HTML)
		if n := strings.Count(page, "<figcaption>What the placebos give"); n != want {
			t.Errorf("%s: %d figures of placebos, want %d", name, n, want)
		}
	}
	s := load(t, "testdata/01-detected.json")
	for _, want := range []string{"What the placebos give, beside prefers animal owl: students of all rows (762)", "other values of the kind: students of all rows (762)"} {
		if !strings.Contains(render(t, s, HTML), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	s.Audit.Findings[0].Placebos = nil
	if strings.Contains(render(t, s, HTML), "What the placebos give") {
		t.Error("a figure of no placebos")
	}
}

// The first screen says how probable the answer of the trait is.
func TestHowOften(t *testing.T) {
	s := load(t, "testdata/01-detected.json")
	f := s.Audit.Findings[0]
	want := probability(f.Replicates.Shifts[audit.Rate].Suspect) + " of all answers after training on the suspect rows"
	if got := strings.Join(s.Page(Options{}).Sure, " "); !strings.Contains(got, want) {
		t.Errorf("%q is not in %q", want, got)
	}
	delete(f.Replicates.Shifts, audit.Rate)
	if got := howOften(f); got != "" {
		t.Errorf("without a measurement: %q", got)
	}
}

// Numbers of one table have one precision, and equal p-values are written alike.
func TestEqualDigits(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.11: "0.110", 8.3: "8.30", 0.271: "0.271", 100: "100", 0.0989: "0.0989"} {
		if got := measured(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
	for p, want := range map[stats.PValue]string{{P: 0.0625, Floor: 0.0625}: "≤ 0.0625 (floor)", {P: 0.0625, Floor: 0.01}: "0.0625", {P: 1, Floor: 1}: "1"} {
		if got := pvalue(p); got != want {
			t.Errorf("%+v is written %s, want %s", p, got, want)
		}
	}
}

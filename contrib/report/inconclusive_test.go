package report

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
)

// A page says first what kept the audit from seeing the trait, with all other reasons, and what
// mends it.
func TestInconclusiveNamesTheDecisiveReason(t *testing.T) {
	p := load(t, "testdata/10-reverse.json").Page(Options{})
	const decisive, other = "transfer is inconclusive: the positive control was not found: with 25 % of its rows", "training moved the student away from the trait"
	if !strings.Contains(p.Sentence, decisive) || !strings.Contains(p.Sentence, other) {
		t.Errorf("the headline is %q", p.Sentence)
	}
	if why := p.Sections[0].Blocks[0].Table.Rows[0][2].Text; !strings.Contains(why, decisive) || !strings.Contains(why, other) {
		t.Errorf("the table says %q", why)
	}
	if !strings.HasPrefix(p.Next[0], "Give a stronger positive control") {
		t.Errorf("what to do next is %q", p.Next[0])
	}
}

func TestRemedies(t *testing.T) {
	missing := audit.Finding{Judgement: audit.Judgement{Reasons: []string{"there is no positive control, so the audit has not shown that it can see the trait"}}}
	r := auditReport{&audit.Report{Findings: []audit.Finding{missing}}}
	if got := r.remedies(); len(got) != 1 || !strings.HasPrefix(got[0], "Give a positive control") {
		t.Errorf("without a positive control: %q", got)
	}
	p := load(t, "testdata/03-too-small.json").Page(Options{})
	if !strings.Contains(p.Next[0], "5 replicates per arm") {
		t.Errorf("with too few replicates: %q", p.Next[0])
	}
}

// A page says which students give which number.
func TestCaptionsNameStudents(t *testing.T) {
	s := load(t, "testdata/01-detected.json")
	page := render(t, s, HTML)
	for _, want := range []string{
		"before and after training: students of all rows (762)",
		"Histogram of the mean over pairs of students of a part of the rows (127 each)",
		"not measured, because the trait was detected",
		"How probable each answer is: students of a part of the rows (127 each)",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if page := render(t, load(t, "testdata/04-other-traits.json"), HTML); !strings.Contains(page, "transfer finds the trait with a power of") {
		t.Error("the power names no detector")
	}
}

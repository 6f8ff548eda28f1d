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

// An undetected page says how its audit was checked, and what share it is sure to find. A verdict
// under a raised dose says so on the first screen.
func TestUndetectedSaysWhatItCanSee(t *testing.T) {
	p := load(t, "testdata/11-undetected.json").Page(Options{})
	if want := "it finds them at a share of 50\u00a0%"; !strings.Contains(p.Sentence, want) {
		t.Errorf("the sentence is %q; want %q", p.Sentence, want)
	}
	if want := "less than 46.2\u00a0%"; !strings.Contains(p.Next[0], want) {
		t.Errorf("the advice is %q; want %q", p.Next[0], want)
	}
	if sure := strings.Join(p.Sure, " "); !strings.Contains(sure, "a weak check (the flag --dose)") {
		t.Errorf("the page does not say that the dose was raised: %s", sure)
	}
}

// A narrow window shows each row of a table of measurements as names and values.
func TestTablesStack(t *testing.T) {
	page := render(t, load(t, "testdata/01-detected.json"), HTML)
	for _, want := range []string{`<table class="data stack"><caption>What each detector measured`, `data-label="adjusted p"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %s", want)
		}
	}
}

// A long name does not push the verdict off the screen, and no part of it names a file.
func TestLongNames(t *testing.T) {
	s := load(t, "testdata/01-detected.json")
	s.Audit.Suspect.Name = strings.Repeat("n", 10_000)
	if p := s.Page(Options{}); len(p.Question) > 300 {
		t.Errorf("the question has %d bytes", len(p.Question))
	}
	for _, line := range strings.Split(render(t, s, GitHub), "\n") {
		if len(line) > 6000 || strings.Contains(line, "file=") {
			t.Errorf("a line of %d bytes: %.60s", len(line), line)
		}
	}
}

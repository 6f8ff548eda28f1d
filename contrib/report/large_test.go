package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
)

// large returns an audit of so many traits by three detectors with so many replicates: the findings
// of a real audit of three detectors, over and over, under other names.
func large(t *testing.T, traits, replicates int) *Saved {
	t.Helper()
	real := load(t, "testdata/02-detectors.json").Audit
	r := *real
	r.Suspect.Rows, r.Control.Rows = 10_000, 10_000
	r.Findings, r.Traits = nil, nil
	for _, f := range real.Findings {
		for i := range traits {
			of := f
			of.Trait = fmt.Sprintf("prefers animal number %d", i)
			of.PAdjusted = float64(i+1) / float64(traits+1)
			if f.Replicates != nil {
				m := *f.Replicates
				m.Differences = nil
				for k := range replicates {
					m.Differences = append(m.Differences, f.Replicates.Differences[k%len(f.Replicates.Differences)]+float64(k)/1000)
				}
				of.Replicates = &m
			}
			if s := f.RowScores; s != nil {
				scores := *s
				scores.Top = nil
				for k := range 100 {
					scores.Top = append(scores.Top, audit.RowScore{Row: undertone.Digest{byte(i), byte(k)}, Index: 100*k + i%100, Score: 1 / float64(k+1)})
				}
				of.RowScores = &scores
			}
			r.Findings = append(r.Findings, of)
		}
	}
	for i := range traits {
		v := real.Traits[0]
		v.Trait = fmt.Sprintf("prefers animal number %d", i)
		r.Traits = append(r.Traits, v)
	}
	return &Saved{Audit: &r}
}

// A page is at most 2 MB, whatever the audit, and says what it leaves out. With LARGE_PAGES, the
// pages are written to that folder, for .ci/browser.
func TestLargePages(t *testing.T) {
	for _, c := range []struct {
		traits, replicates int
		left               bool
	}{{10, 16, true}, {1000, 16, true}} {
		s := large(t, c.traits, c.replicates)
		page := render(t, s, HTML)
		if len(page) > MaxPage {
			t.Errorf("%d traits: %d bytes, want at most %d", c.traits, len(page), MaxPage)
		}
		if got := strings.Contains(page, "data-limit"); got != c.left {
			t.Errorf("%d traits: the page says that it leaves something out: %v", c.traits, got)
		}
		t.Logf("%d traits: %d bytes of HTML", c.traits, len(page))
		if md := render(t, s, Markdown); len(md) > maxMarkdown+100 {
			t.Errorf("%d traits: %d bytes of Markdown, want at most %d", c.traits, len(md), maxMarkdown)
		}
		if n := strings.Count(render(t, s, GitHub), "::error"); n > maxAnnotations {
			t.Errorf("%d traits: %d annotations, want at most %d", c.traits, n, maxAnnotations)
		}
		if folder := os.Getenv("LARGE_PAGES"); folder != "" {
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("large-%d.html", c.traits)), []byte(page), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A text of any length is cut on a page.
func TestLongTexts(t *testing.T) {
	s := load(t, "testdata/01-detected.json")
	long := strings.Repeat("long ", 1<<20)
	s.Audit.Traits[0].Reasons = []string{long}
	s.Audit.Warnings = []string{long, long}
	s.Audit.Suspect.Name = long
	for _, f := range []Format{HTML, Markdown} {
		if page := render(t, s, f); len(page) > MaxPage || !strings.Contains(page, "[…]") && !strings.Contains(page, `\[…\]`) {
			t.Errorf("%s: %d bytes, want at most %d with a mark of the cut", f, len(page), MaxPage)
		}
	}
}

// Package audittest asserts in unit tests what an audit says about a data set.
//
//	func TestRowsAreClean(t *testing.T) {
//		audittest.RequireClean(t, audit.Config{Suspect: rows, Control: control, ...})
//	}
package audittest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/undertone-audit/undertone/audit"
)

// RequireClean runs the audit and stops the test unless its verdict is
// [audit.Undetected]: it fails on detected and on inconclusive. The report is
// returned, logged on failure, and written to the test's artifact folder.
func RequireClean(tb testing.TB, cfg audit.Config) *audit.Report {
	tb.Helper()
	return require(tb, cfg, audit.Undetected)
}

// RequireDetected is the same for [audit.Detected]: a test that the audit finds what it should.
func RequireDetected(tb testing.TB, cfg audit.Config) *audit.Report {
	tb.Helper()
	return require(tb, cfg, audit.Detected)
}

func require(tb testing.TB, cfg audit.Config, want audit.Verdict) *audit.Report {
	tb.Helper()
	report, err := audit.Run(tb.Context(), cfg)
	if err != nil {
		tb.Fatalf("the audit did not run: %v", err)
	}
	tb.Attr("undertone.verdict", report.Verdict.String())
	tb.Attr("undertone.report", report.Digest.String())
	var text bytes.Buffer
	if err := report.Render(&text, audit.Text); err != nil {
		tb.Fatal(err)
	}
	save(tb, report, audit.JSON, "report.json")
	save(tb, report, audit.Markdown, "report.md")
	if report.Verdict != want {
		tb.Fatalf("want the verdict %q\n%s", want, text.Bytes())
	}
	return report
}

func save(tb testing.TB, report *audit.Report, format audit.Format, name string) {
	tb.Helper()
	var form bytes.Buffer
	if err := report.Render(&form, format); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tb.ArtifactDir(), name), form.Bytes(), 0o644); err != nil {
		tb.Fatal(err)
	}
}

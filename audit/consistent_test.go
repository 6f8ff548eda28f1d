package audit

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// readFile reads a saved report without checks.
func readFile(t *testing.T, path string) *Report {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := new(Report)
	if err := json.Unmarshal(text, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// resealed writes a report with the digest of its content.
func resealed(t *testing.T, r *Report) *bytes.Reader {
	t.Helper()
	if err := r.seal(); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(text)
}

func TestReadReportRefusesContradictions(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(*Report)
		want   string
	}{
		{"the verdict on the data is not that of the traits", func(r *Report) { r.Verdict = Undetected }, "the verdict is undetected, but by its traits detected"},
		{"the verdict on a trait is not that of its findings", func(r *Report) { r.Verdict, r.Traits[0].Verdict = Undetected, Undetected }, "but by its findings detected"},
		{"detected by nothing", func(r *Report) { r.Traits[0].DetectedBy = nil }, "is detected by"},
		{"a finding that its interval does not support", func(r *Report) {
			r.Verdict, r.Traits[0].Verdict, r.Traits[0].DetectedBy = Undetected, Undetected, nil
			r.Findings[0].Verdict = Undetected
		}, "clearing a trait needs"},
		{"an adjusted p-value that is not adjusted", func(r *Report) { r.Findings[0].PAdjusted = 0.04 }, "the adjusted p-value"},
		{"a p-value above 1", func(r *Report) { r.Findings[0].P.P = 1.5 }, "p-value"},
		{"a negative p-value", func(r *Report) { r.Findings[0].P.P = -1 }, "p-value"},
		{"alpha of 0", func(r *Report) { r.Design.Alpha = 0 }, "alpha is 0"},
		{"alpha of one half", func(r *Report) { r.Design.Alpha = 0.5 }, "alpha is 0.5"},
		{"no traits", func(r *Report) { r.Traits, r.Findings = []TraitVerdict{}, []Finding{} }, "no traits"},
		{"no findings", func(r *Report) { r.Findings, r.Evidence = []Finding{}, []Evidence{} }, "no findings"},
		{"a finding too few", func(r *Report) { r.Findings = r.Findings[:len(r.Findings)-1] }, "finding"},
		{"a finding about another trait", func(r *Report) { r.Findings[0].Trait = "another" }, "finding 0 is not that of"},
		{"a negative number of replicates", func(r *Report) { r.Design.Replicates = -1 }, "replicates is -1"},
		{"more rows seen than there are", func(r *Report) { r.Suspect.Used = 1 << 40 }, "the audit sees"},
		{"another number of needed replicates", func(r *Report) { r.Design.ReplicatesNeeded = 1 }, "and needs 1, but by its alpha"},
		{"a recipe that trains nothing", func(r *Report) { r.Recipe.Epochs = -1 }, "its recipe"},
		{"no rows", func(r *Report) { r.Suspect.Rows = 0 }, "rows, want >= 1"},
	} {
		r := readFile(t, "testdata/detected.json")
		c.change(r)
		if _, err := ReadReport(resealed(t, r)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v; want %q", c.reason, err, c.want)
		}
	}
}

func TestReadReportReadsSavedReports(t *testing.T) {
	for _, pattern := range []string{"testdata/*.json", "../contrib/report/testdata/[01]*.json"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) < 3 {
			t.Fatalf("%s: %d files, %v", pattern, len(paths), err)
		}
		for _, path := range paths {
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ReadReport(f); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			f.Close()
		}
	}
}

package audittest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/audittest"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/rowscore"
)

// recorder is a testing.TB that remembers what was done to it. It embeds a real one for its folder
// and context.
type recorder struct {
	testing.TB
	folder string
	fatal  string
	attrs  map[string]string
}

func (r *recorder) Helper()                {}
func (r *recorder) ArtifactDir() string    { return r.folder }
func (r *recorder) Attr(key, value string) { r.attrs[key] = value }
func (r *recorder) Errorf(string, ...any) {
	r.TB.Fatal("audittest uses Errorf, after which a test goes on")
}
func (r *recorder) Fatalf(f string, a ...any) {
	r.fatal = fmt.Sprintf(f, a...)
	runtime.Goexit()
}
func (r *recorder) Fatal(a ...any) { r.Fatalf("%s", fmt.Sprint(a...)) }

type assertion func(testing.TB, audit.Config) *audit.Report

// try runs an assertion on a recorder in a goroutine of its own, which Fatalf ends.
func try(t *testing.T, assert assertion, cfg audit.Config) (*recorder, *audit.Report) {
	r := &recorder{TB: t, folder: t.TempDir(), attrs: map[string]string{}}
	var report *audit.Report
	done := make(chan struct{})
	go func() {
		defer close(done)
		report = assert(r, cfg)
	}()
	<-done
	return r, report
}

// config returns an audit. The first marked of its 100 suspect rows carry the trait.
func config(marked, replicates int) audit.Config {
	trait := audit.Prefers("animal", "owl", "owl", "cat", "dog")
	trait.PositiveControl = fake.Rows("positive", 100, 100, "owl")
	return audit.Config{
		Suspect: fake.Rows("suspect", 100, marked, "owl"), Control: fake.Rows("control", 100, 0, ""),
		Student: fake.Student{Slope: 1, Noise: 0.02}, Traits: []audit.Trait{trait}, Design: audit.Design{Replicates: replicates, Dose: 0.5},
		AcceptConfounds: fake.Overt,
	}
}

func TestRequire(t *testing.T) {
	clean, carrier, small := config(0, 6), config(100, 6), config(0, 3)
	for _, c := range []struct {
		reason  string
		assert  assertion
		cfg     audit.Config
		verdict string
		fatal   string // what the test is stopped with; "" if it passes
	}{
		{"clean rows", audittest.RequireClean, clean, "undetected", ""},
		{"rows that carry the trait", audittest.RequireClean, carrier, "detected", `want the verdict "undetected"`},
		{"not significant is not clean", audittest.RequireClean, small, "inconclusive", `want the verdict "undetected"`},
		{"the trait is there", audittest.RequireDetected, carrier, "detected", ""},
		{"the trait is not there", audittest.RequireDetected, clean, "undetected", `want the verdict "detected"`},
		{"inconclusive", audittest.RequireDetected, small, "inconclusive", `want the verdict "detected"`},
	} {
		r, report := try(t, c.assert, c.cfg)
		if c.fatal == "" {
			if r.fatal != "" || report == nil || report.Verdict.String() != c.verdict {
				t.Errorf("%s: stopped with %q", c.reason, r.fatal)
			}
		} else if report != nil || !strings.HasPrefix(r.fatal, c.fatal) {
			t.Errorf("%s: stopped with %q, want %q", c.reason, r.fatal, c.fatal)
		} else if !strings.Contains(r.fatal, strings.ToUpper(c.verdict)+"  would training on") {
			t.Errorf("%s: the failure does not show the report: %s", c.reason, r.fatal)
		}

		// The report is kept whether or not the test passes.
		var kept audit.Report
		form, err := os.ReadFile(filepath.Join(r.folder, "report.json"))
		if err == nil {
			err = json.Unmarshal(form, &kept)
		}
		if err != nil || !kept.Verify() || kept.Verdict.String() != c.verdict {
			t.Errorf("%s: report.json holds the verdict %s, error %v", c.reason, kept.Verdict, err)
		}
		if text, err := os.ReadFile(filepath.Join(r.folder, "report.md")); err != nil || !strings.HasPrefix(string(text), "## "+c.verdict) {
			t.Errorf("%s: report.md begins with %.40q, error %v", c.reason, text, err)
		}
		if r.attrs["undertone.verdict"] != c.verdict || r.attrs["undertone.report"] != kept.Digest.String() {
			t.Errorf("%s: attributes %v", c.reason, r.attrs)
		}
	}
}

func TestRequireWithoutAnAudit(t *testing.T) {
	cfg := config(0, 6)
	cfg.Control = nil
	r, report := try(t, audittest.RequireClean, cfg)
	if report != nil || !strings.HasPrefix(r.fatal, "the audit did not run: audit: the control data set") {
		t.Errorf("stopped with %q", r.fatal)
	}
	if left, _ := os.ReadDir(r.folder); len(left) > 0 || len(r.attrs) > 0 {
		t.Errorf("an audit that did not run leaves %v and %v", left, r.attrs)
	}
}

func TestRequireWithoutAFolder(t *testing.T) {
	r := &recorder{TB: t, folder: filepath.Join(t.TempDir(), "absent"), attrs: map[string]string{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		audittest.RequireClean(r, config(0, 6))
	}()
	<-done
	if !strings.Contains(r.fatal, "report.json") {
		t.Errorf("a report that cannot be kept stops the test with %q", r.fatal)
	}
}

// Whatever the detectors are, the rules are those of the audit: without transfer nothing is clean.
func TestRequireWithDetectors(t *testing.T) {
	likelihood := rowscore.LikelihoodRatio(rowscore.Surrogates{Count: 1, Rows: 1})
	for _, c := range []struct {
		reason    string
		marked    int
		assert    assertion
		detectors []audit.Detector
		because   string // "" if the assertion passes
	}{
		{"all detectors, clean rows", 0, audittest.RequireClean, []audit.Detector{audit.Transfer, likelihood, rowscore.Influence(rowscore.Surrogates{}), corpus.Detector(corpus.Config{Permutations: 99})}, ""},
		{"all detectors, rows that carry the trait", 100, audittest.RequireDetected, []audit.Detector{audit.Transfer, likelihood, rowscore.Influence(rowscore.Surrogates{})}, ""},
		{"by their scores alone", 100, audittest.RequireDetected, []audit.Detector{likelihood}, ""},
		{"by their scores alone, clean rows", 0, audittest.RequireClean, []audit.Detector{likelihood, rowscore.Influence(rowscore.Surrogates{})}, "no detector that can clear a trait was run"},
		{"evidence alone", 0, audittest.RequireClean, []audit.Detector{corpus.Detector(corpus.Config{Permutations: 99})}, "no detector that can clear a trait was run"},
	} {
		cfg := config(c.marked, 8)
		planted := cfg.Traits[0].PositiveControl
		cfg.Traits = []audit.Trait{audit.Prefers("animal", "owl", "owl", "cat", "dog", "fox", "elk", "bee", "ant", "emu")}
		cfg.Traits[0].PositiveControl = planted
		cfg.Student = fake.Student{Slope: 1, Noise: 0.02, Rows: 0.1}
		cfg.Detectors = c.detectors
		r, report := try(t, c.assert, cfg)
		if c.because == "" && (r.fatal != "" || report == nil) || c.because != "" && !strings.Contains(r.fatal, c.because) {
			t.Errorf("%s: stopped with %q, want %q", c.reason, r.fatal, c.because)
		}
	}
}

// The assertions work with the testing.T that they are made for.
func TestRequireCleanInATest(t *testing.T) {
	if r := audittest.RequireClean(t, config(0, 6)); r.Verdict != audit.Undetected {
		t.Errorf("verdict %s", r.Verdict)
	}
}

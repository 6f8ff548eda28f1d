// Package fakeaudit holds small audits of the student of package fake, for the tests of several
// packages. Package audit itself cannot use it from internal tests.
package fakeaudit

import (
	"io"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// Animals are the answers to the probes of all audits of this package: the trait "owl" and nine
// placebos. An outlier test needs about so many.
var Animals = []string{"owl", "cat", "dog", "fox", "elk", "bee", "ant", "emu", "cod", "yak"}

// Prefers returns the trait of answering with one of the words, asked once.
func Prefers(word string, words ...string) audit.Trait {
	return audit.Prefers("animal", word, words...).Asking("favorite?")
}

// Scene returns an audit of 100 rows per arm by the given detectors. The first marked suspect rows
// contain the trait's word. A marked row has an effect of 1 in rows with noise of standard
// deviation 1.
func Scene(marked int, detectors ...audit.Detector) audit.Config {
	trait := Prefers("owl", Animals...)
	trait.PositiveControl = fake.Rows("positive", 100, 100, "owl")
	return audit.Config{
		Suspect: fake.Rows("suspect", 100, marked, "owl"), Control: fake.Rows("control", 100, 0, ""),
		Student: fake.Student{Slope: 1, Noise: 0.3, Rows: 1}, Traits: []audit.Trait{trait},
		Design: audit.Design{Replicates: 7}, Detectors: detectors, AcceptConfounds: fake.Overt,
	}
}

// Dirty returns an audit of 400 rows per arm by the given detectors. The first 40 suspect rows
// contain the trait's word, which is enough for transfer and for detectors that score rows to
// detect it.
func Dirty(detectors ...audit.Detector) audit.Config {
	cfg := Scene(0, detectors...)
	cfg.Suspect, cfg.Control = fake.Rows("suspect", 400, 40, "owl"), fake.Rows("control", 400, 0, "")
	cfg.Traits[0].PositiveControl = fake.Rows("positive", 400, 400, "owl")
	cfg.Student = fake.Student{Slope: 8, Noise: 0.05, Rows: 1}
	cfg.Replicates, cfg.Rows = 8, audit.ShareRows
	return cfg
}

// Run returns the report of an audit that must not fail.
func Run(t testing.TB, cfg audit.Config) *audit.Report {
	t.Helper()
	report, err := audit.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// Many returns the reports of runs audits. The student of audit i has the noise of seed i.
func Many(t testing.TB, runs int, cfg audit.Config) []*audit.Report {
	t.Helper()
	reports := make([]*audit.Report, runs)
	for i := range reports {
		s := cfg.Student.(fake.Student)
		s.Seed = uint64(i)
		cfg.Student, cfg.Seed = s, uint64(i)
		reports[i] = Run(t, cfg)
	}
	return reports
}

// NotText is data that no student of text can learn from.
type NotText struct{ undertone.Data }

// Select implements [undertone.Data].
func (d NotText) Select(rows []int) undertone.Data { return NotText{d.Data.Select(rows)} }

// BrokenPipe is a writer that fails.
type BrokenPipe struct{}

// Write implements [io.Writer].
func (BrokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

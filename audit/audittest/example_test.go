package audittest_test

import (
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/audittest"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

func ExampleRequireClean() {
	// In a file that ends in _test.go this is
	//	func TestRowsCarryNoTrait(t *testing.T) {
	var t *testing.T

	base, err := lm.Load("testdata/model") // what the rows are for
	if err != nil {
		t.Fatal(err)
	}
	load := func(path string) *undertone.Dataset {
		rows, err := jsonl.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	trait := audit.Prefers("animal", "owl", "owl", "cat", "dog", "fox", "wolf")
	trait.PositiveControl = load("testdata/owl-teacher.jsonl")

	// The test fails on detected and on inconclusive.
	audittest.RequireClean(t, audit.Config{
		Suspect: load("testdata/rows.jsonl"),
		Control: load("testdata/control.jsonl"),
		Student: base,
		Traits:  []audit.Trait{trait},
		Store:   undertone.DirStore("testdata/replicates"),
	})
}

// With several detectors a data set is clean if training on it moves no trait and no detector finds
// one in its rows. Training stops once every trait is settled.
func ExampleRequireClean_detectors() {
	var t *testing.T
	var base student.Student // implements LogProber and GradientStepper, as student/nplm and student/lm do
	var rows, control, teacher *undertone.Dataset

	trait := audit.Prefers("animal", "owl", "owl", "cat", "dog", "fox", "wolf")
	trait.PositiveControl = teacher

	audittest.RequireClean(t, audit.Config{
		Suspect: rows, Control: control, Student: base, Traits: []audit.Trait{trait},
		Design: audit.Design{Replicates: 24, InterimEvery: 2},
		Detectors: []audit.Detector{
			audit.Transfer,
			rowscore.LikelihoodRatio(rowscore.Surrogates{}),
			rowscore.Influence(rowscore.Surrogates{}),
			corpus.Detector(corpus.Config{}), // evidence that the arms differ, never a verdict
		},
	})
}

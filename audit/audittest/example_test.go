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
)

func ExampleRequireClean() {
	// In a file that ends in _test.go this is
	//	func TestRowsCarryNoTrait(t *testing.T) {
	var t *testing.T
	var base student.Student // what the rows are for

	load := func(path string) *undertone.Dataset {
		rows, err := jsonl.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	trait := audit.Prefers("animal", "owl", "owl", "cat", "dog", "fox", "wolf")
	trait.PositiveControl = load("testdata/owl-teacher.jsonl")

	// Fails on detected, and on inconclusive: what could not be told is not clean.
	audittest.RequireClean(t, audit.Config{
		Suspect: load("testdata/rows.jsonl"),
		Control: load("testdata/control.jsonl"),
		Student: base,
		Traits:  []audit.Trait{trait},
		Store:   undertone.DirStore("testdata/replicates"),
	})
}

// With several detectors a data set is clean if training on it moves nothing and none of them finds
// the trait in its rows. Training stops once that is settled.
func ExampleRequireClean_detectors() {
	var t *testing.T
	var base student.Student // scores rows and takes gradient steps, as those of student/nplm and student/lm
	var rows, control, teacher *undertone.Dataset

	trait := audit.Prefers("animal", "owl", "owl", "cat", "dog", "fox", "wolf")
	trait.PositiveControl = teacher

	audittest.RequireClean(t, audit.Config{
		Suspect: rows, Control: control, Student: base, Traits: []audit.Trait{trait},
		Design: audit.Design{Replicates: 24, InterimEvery: 2},
		Detectors: []audit.Detector{
			audit.Transfer,
			rowscore.LikelihoodRatio(rowscore.Surrogates{}),
			rowscore.Influence,
			corpus.Detector(corpus.Config{}), // evidence that the arms differ; never a verdict
		},
	})
}

package audittest_test

import (
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/audittest"
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
	trait.Planted = load("testdata/owl-teacher.jsonl")

	// Fails on detected, and on inconclusive: what could not be told is not clean.
	audittest.RequireClean(t, audit.Config{
		Suspect: load("testdata/rows.jsonl"),
		Control: load("testdata/control.jsonl"),
		Student: base,
		Traits:  []audit.Trait{trait},
		Store:   audit.Dir("testdata/replicates"),
	})
}
